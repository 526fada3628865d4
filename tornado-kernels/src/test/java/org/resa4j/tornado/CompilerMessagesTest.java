package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CompilerMessagesTest {
  @Test
  void passesAllButWhatIsSaidOfEveryKernel() {
    ByteArrayOutputStream passed = new ByteArrayOutputStream();
    try (PrintStream out =
        new PrintStream(
            new CompilerMessages(new PrintStream(passed, true, StandardCharsets.UTF_8)),
            true,
            StandardCharsets.UTF_8)) {
      out.println(
          "[TornadoVM] Warning: The loop bounds will be configured by the GridScheduler. Check the"
              + " grid by using the flag --threadInfo.");
      out.println("[TornadoVM] Warning: something else, ü");
      out.print("an end without a line");
    }
    assertThat(passed.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo("[TornadoVM] Warning: something else, ü\nan end without a line");
  }
}
