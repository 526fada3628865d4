package org.resa4j.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GgufPreTokenizerTest {
  private static final Source SOURCE = new Source(Path.of("made.gguf"));

  static Iterable<String> names() {
    return GgufPreTokenizer.names();
  }

  /** Pieces of a text, with no characters left out. */
  private static List<String> pieces(String name, String text) {
    PreTokenizer.Sequence sequence =
        (PreTokenizer.Sequence) GgufPreTokenizer.named(name).preTokenizer(SOURCE, "pre");
    assertThat(sequence.parts().getLast()).isInstanceOf(PreTokenizer.ByteLevel.class);
    PreTokenizer cut =
        new PreTokenizer.Sequence(sequence.parts().subList(0, sequence.parts().size() - 1));
    List<String> pieces = new ArrayList<>();
    cut.into((all, from, to, atStart) -> pieces.add(new String(all, from, to - from)))
        .piece(text.toCharArray(), 0, text.length(), true);
    assertThat(String.join("", pieces)).isEqualTo(text);
    return pieces;
  }

  @ParameterizedTest
  @MethodSource("names")
  @Timeout(20)
  void everyKindCutsWithoutLoss(String name) {
    pieces(
        name,
        "I'LL say 12345, \u4f60\u597d \uac00 na\u00efve  e\u0301\n\n\t x=1; <|a|> \ud83d\ude00 ");
    // Long runs of one kind, which cost a pattern most.
    for (String each :
        List.of("a", "A", "\u4f60", "e\u0301", "7", "!", "\n", "\ud83d\ude00", "a b ")) {
      pieces(name, each.repeat(4_000));
    }
  }

  /** Blanks are written as _ here. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "gpt-2;         It's_IT'S_12345_a1!!__b;  It|'s|_IT|'|S|_12345|_a|1|!!|_|_b",
        "starcoder;     It's_12_a;                It|'s|_|1|2|_a",
        "llama-bpe;     It'S_12345_(a;            It|'S|_|123|45|_(|a",
        "qwen2;         It'S_12345_(a;            It|'S|_|1|2|3|4|5|_(|a",
        "ufakzeka;      It's_12;                  It|'s|_|1|2",
        "falcon;        a$+b_12345;               a|$+|b|_|123|45",
        "falcon;        a`b;                      a|`|b",
        "default;       a`b_12345;                a|`|b|_|123|45",
        "deepseek-llm;  aB_12345!?_x;             aB|_|12345|!?|_x",
        "deepseek-coder; ab_123!?_x;              ab|_|1|2|3|!?|_x",
        "deepseek-v3;   a_12345.net_.b!;          a|_|123|45|.net|_.|b|!",
        "tekken;        HelloWORLD_a's_12/;       Hello|WORLD|_a|'s|_|1|2|/",
        "gpt-4o;        HelloWorld_a's_1234;      Hello|World|_a's|_|123|4",
        "minicpm5;      a_12345_b;                a|_|123|45|_b",
        "seed-coder;    a_12_b;                   a|_|1|2|_b",
        "bailingmoe;    It's_12;                  It|'s|_|1|2",
        "poro-chat;     a_b,_c.12;                a|_b|,|_c|.|12",
        "viking;        a_b,_12;                  a|_b|,|_|1|2",
        "exaone-moe;    ab_c_d_12!;               ab_c_d|_|1|2|!",
        "youtu;         HelloWorld_a's_12;        Hello|World|_a's|_|1|2",
        "chameleon;     IMGIMGABZa_1;             IMGIMGABZ|a|_|1",
        "jais-2;        a_____b;                  a|____|_b"
      })
  void kindsDiffer(String name, String text, String expected) {
    assertThat(pieces(name, text.replace('_', ' ')))
        .containsExactly(expected.replace('_', ' ').split("\\|"));
  }

  @Test
  void scriptsBeyondLatin() {
    assertThat(pieces("qwen2", "e\u0301e")).containsExactly("e", "\u0301e");
    assertThat(pieces("qwen35", "e\u0301e")).containsExactly("e\u0301e");
    assertThat(pieces("deepseek-v3", "a\u4f60\u306ab")).containsExactly("a", "\u4f60\u306a", "b");
    assertThat(pieces("deepseek-llm", "\u1f7d\u2126\u212a\u4f60\u10d0"))
        .containsExactly("\u1f7d\u2126\u212a", "\u4f60\u10d0");
    assertThat(pieces("laguna", "a \n\n b")).containsExactly("a", " ", "\n\n", " b");
    assertThat(pieces("qwen2", "a \n\n b")).containsExactly("a", " \n\n", " b");
  }

  @Test
  void someTakeWholeWordsOrBeginEveryText() {
    assertThat(GgufPreTokenizer.names().stream().filter(n -> GgufPreTokenizer.named(n).addFirst()))
        .containsExactlyInAnyOrder(
            "llama3",
            "llama-v3",
            "llama-bpe",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "tekken",
            "chameleon");
    assertThat(
            GgufPreTokenizer.names().stream().filter(n -> GgufPreTokenizer.named(n).ignoreMerges()))
        .containsExactlyInAnyOrder(
            "llama3",
            "llama-v3",
            "llama-bpe",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "tekken",
            "minicpm5",
            "youtu");
  }

  /**
   * So that a file's own pre-tokenizer is taken for the right one. Of two kinds the patterns differ
   * and mean the same: white space before a line's end takes the other ends with it.
   */
  @Test
  void probedTextsTellAllKindsApart() {
    Map<List<List<String>>, Set<List<String>>> kinds = new HashMap<>();
    for (String name : GgufPreTokenizer.names()) {
      GgufPreTokenizer kind = GgufPreTokenizer.named(name);
      kinds
          .computeIfAbsent(
              GgufPreTokenizer.pieces(kind.preTokenizer(SOURCE, "pre")), it -> new HashSet<>())
          .add(kind.patterns());
    }
    assertThat(kinds.values().stream().filter(alike -> alike.size() > 1))
        .containsExactly(
            Set.of(
                GgufPreTokenizer.named("qwen2").patterns(),
                GgufPreTokenizer.named("bailingmoe").patterns()));
  }
}
