package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lines broken at words, whatever parts the text comes in. */
class LineWrapTest {
  private static String wrapped(int width, String... parts) {
    LineWrap wrap = new LineWrap(() -> width);
    StringBuilder text = new StringBuilder();
    for (String part : parts) {
      text.append(wrap.add(part));
    }
    return text + wrap.rest();
  }

  @Test
  void aLineBreaksBetweenWords() {
    assertThat(wrapped(20, "one two three four five six seven"))
        .isEqualTo("one two three four\nfive six seven");
    // To the last column and no further.
    assertThat(wrapped(20, "aaaaaaaaa bbbbbbbbbb c")).isEqualTo("aaaaaaaaa bbbbbbbbbb\nc");
  }

  @Test
  void partsDoNotMatter() {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      text.append(random.nextInt(7) == 0 ? '\n' : random.nextInt(4) == 0 ? ' ' : 'x');
    }
    String whole = wrapped(24, text.toString());
    assertThat(wrapped(24, text.toString().split("(?<=.)"))).isEqualTo(whole);
    assertThat(whole.replaceAll("\\s", "")).isEqualTo(text.toString().replaceAll("\\s", ""));
  }

  @Test
  void linesThatFitStayAsTheyAre() {
    String text = "a  b\n\n    code {\n\tx\n    }\n  ";
    assertThat(wrapped(40, text)).isEqualTo(text);
  }

  @Test
  void aWordWiderThanTheLineIsNotHeldBack() {
    assertThat(wrapped(20, "x".repeat(50))).isEqualTo("x".repeat(50));
  }

  @Test
  void wideCharactersBreakAnywhere() {
    assertThat(wrapped(20, "漢".repeat(12))).isEqualTo("漢".repeat(10) + "\n" + "漢".repeat(2));
  }

  @Test
  void nothingBreaksWhereThereIsNoTerminal() {
    String text = "word ".repeat(100);
    assertThat(wrapped(0, text)).isEqualTo(text);
  }
}
