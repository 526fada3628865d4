package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.resa4j.tokenizer.pipeline.GgufTokens;

/** Each rule by itself, on vocabularies of a few tokens. */
class GgufTokenizerRulesTest {
  private static final String BLANK = "\u2581";
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  private static int[] encode(GgufHeader header, String text) {
    return Tokenizer.of(header.metadata()).encode(text, true);
  }

  private static String decode(GgufHeader header, boolean special, int... ids) {
    return Tokenizer.of(header.metadata()).decode(ids, 0, ids.length, special);
  }

  /** Ids 0 to 2 as usual, 3 to 5 the bytes of U+20AC, then the given ones. */
  private static GgufHeader scored(Object... tokensAndScores) {
    List<String> tokens =
        new ArrayList<>(List.of("<unk>", "<s>", "</s>", "<0xE2>", "<0x82>", "<0xAC>"));
    int size = 6 + tokensAndScores.length / 2;
    float[] scores = new float[size];
    int[] types = new int[size];
    Arrays.fill(types, NORMAL);
    System.arraycopy(new int[] {UNKNOWN, CONTROL, CONTROL, BYTE, BYTE, BYTE}, 0, types, 0, 6);
    for (int i = 0; i < tokensAndScores.length; i += 2) {
      scores[tokens.size()] = ((Number) tokensAndScores[i + 1]).floatValue();
      tokens.add((String) tokensAndScores[i]);
    }
    return GgufHeader.sentencePiece(tokens, scores, types);
  }

  private static GgufHeader plain(Object... tokensAndScores) {
    return scored(tokensAndScores).with("add_space_prefix", false).with("add_bos_token", false);
  }

  @Test
  void theHighestScoreIsMergedFirst() {
    assertThat(encode(plain("a", 0, "b", 0, "c", 0, "ab", -2, "bc", -1), "abc"))
        .containsExactly(6, 10);
    assertThat(encode(plain("a", 0, "b", 0, "c", 0, "ab", -1, "bc", -2), "abc"))
        .containsExactly(9, 8);
  }

  @Test
  void ofEqualScoresTheLeftmostIsMerged() {
    assertThat(encode(plain("a", 0, "aa", -1), "aaa")).containsExactly(7, 6);
    assertThat(encode(plain("a", 0, "b", 0, "c", 0, "ab", 0f, "bc", -0f), "abc"))
        .containsExactly(9, 8);
    assertThat(encode(plain("a", 0, "b", 0, "c", 0, "ab", -0f, "bc", 0f), "abc"))
        .containsExactly(9, 8);
  }

  @Test
  void charactersThatAreNoTokensBecomePartOfOne() {
    assertThat(encode(plain("xy", -1, "z", -1), "xyz")).containsExactly(6, 7);
  }

  @Test
  void charactersWithoutTokenBecomeBytesOrTheUnknownToken() {
    assertThat(encode(plain("a", 0), "a\u20acx")).containsExactly(6, 3, 4, 5, 0);
    assertThat(encode(plain("a", 0).with("unknown_token_id", 6), "x")).containsExactly(6);
  }

  @Test
  void aBlankComesBeforeEachPartOfTheText() {
    GgufHeader header = scored(BLANK, 0, "a", 0, BLANK + "a", -1);
    assertThat(encode(header, "a</s>a")).containsExactly(1, 8, 2, 8);
    assertThat(encode(header, " a")).containsExactly(1, 6, 8);
    assertThat(encode(header.with("add_space_prefix", false), "a</s>a"))
        .containsExactly(1, 7, 2, 7);
  }

  @Test
  void thatBlankIsNoneOfTheDecodedText() {
    GgufHeader header = scored(BLANK, 0, "a", 0, BLANK + "a", -1);
    assertThat(decode(header, false, 8, 8)).isEqualTo("a a");
    assertThat(decode(header, false, 1, 6, 8)).isEqualTo(" a");
    assertThat(decode(header, true, 1, 8)).isEqualTo("<s> a");
    assertThat(decode(header.with("add_space_prefix", false), false, 8)).isEqualTo(" a");
  }

  @Test
  void aStreamHasTheBlanksOfTheWholeText() {
    GgufHeader header = scored(BLANK, 0, "a", 0, BLANK + "a", -1);
    Tokenizer tokenizer = Tokenizer.of(header.metadata());
    int[] ids = {6, 6, 8, 7, 6, 8, 3, 4, 5, 8};
    assertThat(GgufTokenizerTest.streamed(tokenizer, ids))
        .isEqualTo(tokenizer.decode(ids, 0, ids.length, true))
        .isEqualTo("  aa  a\u20ac a");
  }

  @Test
  void brokenBytesDoNotTouchWhatIsWhole() {
    assertThat(decode(plain(), false, 3, 4, 5, 3, 4)).isEqualTo("\u20ac\ufffd");
    assertThat(decode(plain("a", 0), false, 3, 6, 4, 5)).isEqualTo("\ufffda\ufffd\ufffd");
  }

  @Test
  void whatIsPutAroundATextIsAsTheFileSays() {
    assertThat(encode(scored("a", 0), "")).containsExactly(1);
    assertThat(encode(plain("a", 0).with("add_eos_token", true), "a")).containsExactly(6, 2);
    assertThat(encode(scored("a", 0).with("bos_token_id", 6), "")).containsExactly(6);
    GgufHeader bytes = GgufHeader.byteLevel(List.of(), List.of("<s>")).with("bos_token_id", 26);
    assertThat(encode(bytes, "a")).containsExactly(0);
    assertThat(encode(bytes.with("pre", "llama-bpe"), "a")).containsExactly(26, 0);
    assertThat(encode(bytes.with("add_bos_token", false), "a")).containsExactly(0);
    assertThat(encode(bytes.with("bos_token_id", null), "a")).containsExactly(0);
  }

  private static GgufHeader typed(int type, String text) {
    int[] types = new int[27];
    Arrays.fill(types, NORMAL);
    types[26] = type;
    return GgufHeader.byteLevel(List.of(), List.of(text)).with("token_type", types);
  }

  @Test
  void typesSayWhatIsFoundInTextAndWhatIsLeftOut() {
    int[] found = {26};
    int[] letters = {0, 0};
    assertThat(encode(typed(NORMAL, "aa"), "aa")).isEqualTo(letters);
    assertThat(encode(typed(UNKNOWN, "aa"), "aa")).isEqualTo(found);
    assertThat(encode(typed(CONTROL, "aa"), "aa")).isEqualTo(found);
    assertThat(encode(typed(USER_DEFINED, "aa"), "aa")).isEqualTo(found);
    assertThat(encode(typed(UNUSED, "aa"), "aa")).isEqualTo(letters);
    assertThat(decode(typed(NORMAL, "aa"), false, 26)).isEqualTo("aa");
    assertThat(decode(typed(UNKNOWN, "aa"), false, 26)).isEmpty();
    assertThat(decode(typed(CONTROL, "aa"), false, 26)).isEmpty();
    assertThat(decode(typed(USER_DEFINED, "aa"), false, 26)).isEqualTo("aa");
    assertThat(decode(typed(UNUSED, "aa"), false, 26)).isEmpty();
    assertThat(decode(typed(UNUSED, "aa"), true, 26)).isEqualTo("aa");
  }

  @Test
  void addedTokensAreNotInTheAlphabetOfBytes() {
    assertThat(decode(typed(USER_DEFINED, "\u00e9"), false, 26)).isEqualTo("\u00e9");
    assertThat(decode(typed(NORMAL, "\u00e9"), false, 26)).isEqualTo("\ufffd");
  }

  @Test
  void addedTokensHaveNeitherBlanksNorBytesOfTheirOwn() {
    GgufHeader header = plain(BLANK + "x", 0);
    assertThat(decode(header, false, 3, 4, 5, 6)).isEqualTo("\u20ac x");
    header.with("token_type", new int[] {UNKNOWN, CONTROL, CONTROL, 4, 4, 4, USER_DEFINED});
    assertThat(decode(header, false, 3, 6)).isEqualTo("<0xE2>" + BLANK + "x");
  }

  @Test
  void mergesCountInTheirOrder() {
    List<String> tokens = List.of("ab", "bc", "abc");
    assertThat(encode(GgufHeader.byteLevel(List.of("a b", "b c"), tokens), "abc"))
        .containsExactly(26, 2);
    assertThat(encode(GgufHeader.byteLevel(List.of("b c", "a b"), tokens), "abc"))
        .containsExactly(0, 27);
    // The second time changes nothing.
    assertThat(encode(GgufHeader.byteLevel(List.of("a b", "b c", "a b"), tokens), "abc"))
        .containsExactly(26, 2);
  }

  @Test
  void someKindsTakeAWholeWordBeforeTheyMerge() {
    GgufHeader header = GgufHeader.byteLevel(List.of("a b"), List.of("ab", "abc"));
    assertThat(encode(header, "abc")).containsExactly(26, 2);
    assertThat(encode(header.with("pre", "llama-bpe"), "abc")).containsExactly(27);
  }

  @Test
  void emptyTokensGetAName() {
    GgufHeader header = GgufHeader.byteLevel(List.of(), List.of("", ""));
    assertThat(Tokenizer.of(header.metadata()).tokenId("[EMPTY_27]")).hasValue(27);
  }

  @Test
  void allTokensThatEndATextAreFound() {
    int[] types = new int[31];
    Arrays.fill(types, NORMAL);
    types[27] = CONTROL;
    types[28] = USER_DEFINED;
    types[30] = CONTROL;
    GgufHeader header =
        GgufHeader.byteLevel(
                List.of(), List.of("</s>", "<|eot_id|>", "<|im_end|>", "<eos>", "<|other|>"))
            .with("token_type", types);
    assertThat(GgufTokens.read(header.metadata()).ends())
        .isEqualTo(Map.of("tokenizer.ggml.tokens", Set.of(27, 28)));
    header.with("eos_token_id", 29).with("eot_token_id", 27).with("eom_token_id", 3);
    assertThat(GgufTokens.read(header.metadata()).ends())
        .isEqualTo(
            Map.of(
                "tokenizer.ggml.eos_token_id", Set.of(29),
                "tokenizer.ggml.eot_token_id", Set.of(27),
                "tokenizer.ggml.eom_token_id", Set.of(3),
                "tokenizer.ggml.tokens", Set.of(28)));
    // Special, since it ends a text, though the file has it as one that users defined.
    assertThat(Tokenizer.of(header.metadata()).isSpecial(28)).isTrue();
    assertThat(GgufTokens.read(plain().metadata()).ends())
        .isEqualTo(Map.of("tokenizer.ggml.model", Set.of(2)));
  }

  @Test
  void publishedVocabulariesHaveTheirEnds() throws Exception {
    assertThat(GgufTokens.read(GgufTokenizerTest.model("qwen2-F32")).ends())
        .isEqualTo(
            Map.of(
                "tokenizer.ggml.eos_token_id", Set.of(425), "tokenizer.ggml.tokens", Set.of(423)));
    assertThat(GgufTokens.read(GgufTokenizerTest.vocabulary("phi-3")).ends())
        .isEqualTo(
            Map.of(
                "tokenizer.ggml.eos_token_id",
                Set.of(32000),
                "tokenizer.ggml.tokens",
                Set.of(2, 32007)));
  }

  /** What takes the best pair of all again and again finds, in quadratic time. */
  @Test
  void mergingEqualsTheRuleInItsPlainForm() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<Object> tokens = new ArrayList<>();
      Set<String> there = new HashSet<>();
      for (int i = 0; i < 30; i++) {
        String token = letters(random, 1 + random.nextInt(5));
        if (there.add(token)) {
          tokens.add(token);
          tokens.add(-random.nextInt(6));
        }
      }
      String text = letters(random, random.nextInt(60));
      assertThat(encode(plain(tokens.toArray()), text))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(merged(tokens, text));
    }
  }

  private static String letters(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(i % 7 == 6 ? "\ud83d\ude00" : String.valueOf("abc".charAt(random.nextInt(3))));
    }
    return text.toString();
  }

  private static int[] merged(List<Object> tokens, String text) {
    List<String> parts = new ArrayList<>();
    text.codePoints().forEach(c -> parts.add(Character.toString(c)));
    while (true) {
      int best = -1;
      int bestScore = Integer.MIN_VALUE;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int at = tokens.indexOf(parts.get(i) + parts.get(i + 1));
        if (at >= 0 && (Integer) tokens.get(at + 1) > bestScore) {
          best = i;
          bestScore = (Integer) tokens.get(at + 1);
        }
      }
      if (best < 0) {
        break;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    return parts.stream()
        .mapToInt(part -> tokens.contains(part) ? 6 + tokens.indexOf(part) / 2 : 0)
        .toArray();
  }

  @Test
  @Timeout(60)
  void aMillionCharactersTakeNoLongTime() throws Exception {
    StringBuilder text = new StringBuilder();
    Random random = new Random(7);
    while (text.length() < 1_000_000) {
      text.append(random.nextInt(3) == 0 ? " the" : Integer.toString(random.nextInt(), 36));
    }
    for (String name : List.of("phi-3", "gpt-2")) {
      Tokenizer tokenizer = Tokenizer.of(GgufTokenizerTest.vocabulary(name));
      for (String each : List.of(text.toString(), "a".repeat(1_000_000))) {
        long start = System.nanoTime();
        int[] ids = tokenizer.encode(each, false);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(tokenizer.decode(ids, 0, ids.length, true)).isEqualTo(each);
      }
    }
  }
}
