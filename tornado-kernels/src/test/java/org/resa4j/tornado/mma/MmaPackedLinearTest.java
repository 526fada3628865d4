package org.resa4j.tornado.mma;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.resa4j.tornado.PlainJava;

class MmaPackedLinearTest {
  /** Its indices and bits, on machines without CUDA. */
  @Test
  void inJavaItEqualsDoublePrecision() throws IOException, InterruptedException {
    PlainJava.run(MmaPackedLinearInJava.class);
  }
}
