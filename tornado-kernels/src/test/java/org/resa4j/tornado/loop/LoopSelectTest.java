package org.resa4j.tornado.loop;

import org.junit.jupiter.api.Test;
import org.resa4j.tornado.PlainJava;

/** Select on scores that are not as they should be; on devices, engines' tests do it. */
class LoopSelectTest {
  @Test
  void asPlainJava() throws Exception {
    PlainJava.run(LoopSelectInJava.class);
  }
}
