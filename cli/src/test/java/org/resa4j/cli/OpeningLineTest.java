package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A device's start, at a terminal and elsewhere. */
class OpeningLineTest {
  private static String said(boolean terminal) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OpeningLine line =
        new OpeningLine(new PrintStream(err, true, StandardCharsets.UTF_8), terminal);
    for (int done = 0; done <= 2; done++) {
      line.at("compiling", done, 2);
    }
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aTerminalsLineIsWrittenOverAndGoneAtTheEnd() {
    assertThat(said(true))
        .contains("\r\033[Kresa: compiling, 1 of 2")
        .endsWith("\r\033[K")
        .doesNotContain("\n");
  }

  @Test
  void aFileGetsOneLine() {
    assertThat(said(false)).isEqualTo("resa: compiling ..." + System.lineSeparator());
  }
}
