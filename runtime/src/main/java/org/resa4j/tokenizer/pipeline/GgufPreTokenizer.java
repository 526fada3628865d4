package org.resa4j.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What {@code tokenizer.ggml.pre} stands for in front of byte-level BPE.
 *
 * <p>Source: llama.cpp's table; the patterns are the models' own, as it has them.
 *
 * @param patterns each cuts the pieces that the one before it left, at its matches and between them
 * @param ignoreMerges whether a piece that is a token is not looked at any further
 * @param addFirst whether a token begins every text where the file does not say
 */
record GgufPreTokenizer(List<String> patterns, boolean ignoreMerges, boolean addFirst) {
  private static final String DIGIT = "\\p{N}";
  private static final String THREE_DIGITS = "[0-9][0-9][0-9]";
  private static final String LINE_END = "[\\r\\n]";
  private static final String LINES = "[^\\n]+|[\\n]+";
  private static final String UP_TO_THREE_DIGITS = "\\p{N}{1,3}";

  /** English, in small letters and capitals. */
  private static final String CONTRACTION =
      "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";

  private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
  private static final String SIGNS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
  private static final String SIGNS_AND_SLASHES = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
  private static final String LINE_ENDS = "\\s*[\\r\\n]+";
  private static final String BLANKS = "\\s+(?!\\S)|\\s+";

  private static final String LLAMA3 =
      any(CONTRACTION, WORD, UP_TO_THREE_DIGITS, SIGNS, LINE_ENDS, BLANKS);
  private static final String QWEN2 = any(CONTRACTION, WORD, DIGIT, SIGNS, LINE_ENDS, BLANKS);

  /** Capitals and small letters are told apart in ASCII only. */
  private static final String CAPITAL = "[\\p{L}&&[^a-z]]";

  private static final String SMALL = "[\\p{L}&&[^A-Z]]";
  private static final String SMALL_WORD = "[^\\r\\n\\p{L}\\p{N}]?" + CAPITAL + "*" + SMALL + "+";
  private static final String CAPITAL_WORD = "[^\\r\\n\\p{L}\\p{N}]?" + CAPITAL + "+" + SMALL + "*";
  private static final String GPT4O =
      any(
          SMALL_WORD + CONTRACTION + "?",
          CAPITAL_WORD + CONTRACTION + "?",
          UP_TO_THREE_DIGITS,
          SIGNS_AND_SLASHES,
          LINE_ENDS,
          BLANKS);

  private static final String HAN_OR_KANA =
      "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}]+";

  /** From U+0800 to Chinese characters, and Hangul. */
  private static final String EASTERN =
      "[\\x{4E00}-\\x{9FA5}\\x{800}-\\x{4E00}\\x{AC00}-\\x{D7FF}]+";

  private static final String ASCII_SIGN_AND_LETTERS =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+";
  private static final String DEEPSEEK_WORD = "[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+";

  /** Words in which capitals come first, and such of capitals only; of all scripts. */
  private static final String CASED_WORDS =
      any(
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
              + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
              + CONTRACTION
              + "?",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
              + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
              + CONTRACTION
              + "?");

  /** All but white space and signs between sentences, in several scripts. */
  private static final String BETWEEN_SIGNS =
      " ?[^(\\s|.,!?\\x{2026}\\x{3002}\\x{FF0C}\\x{3001}\\x{964}\\x{6D4}\\x{60C})]+";

  /** Letters that have capitals and small ones, in the Unicode of the model's day. */
  private static final String CASED_LETTERS =
      "["
          + "A-Za-z\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{1BC}-\\x{1BF}"
          + "\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}\\x{370}-\\x{373}\\x{376}\\x{377}"
          + "\\x{37B}-\\x{37D}\\x{37F}\\x{386}\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}"
          + "\\x{3A3}-\\x{3F5}\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}"
          + "\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}\\x{13F8}-\\x{13FD}"
          + "\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}\\x{1D00}-\\x{1D2B}"
          + "\\x{1D6B}-\\x{1D77}\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}"
          + "\\x{1F18}-\\x{1F1D}\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}"
          + "\\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}"
          + "\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}\\x{1FBE}\\x{1FC2}-\\x{1FC4}"
          + "\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}\\x{1FD6}-\\x{1FDB}"
          + "\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}"
          + "\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}\\x{2126}\\x{2128}"
          + "\\x{212A}-\\x{212D}\\x{212F}-\\x{2134}\\x{2139}\\x{213C}-\\x{213F}"
          + "\\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}\\x{2C00}-\\x{2C7B}"
          + "\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}\\x{2CF2}\\x{2CF3}"
          + "\\x{A640}-\\x{A66D}\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}"
          + "\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}"
          + "\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}"
          + "\\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}"
          + "\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}"
          + "\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}"
          + "]+";

  /** Of several names of a kind, the first is the one that it is written by. */
  private static final Map<String, GgufPreTokenizer> KINDS = kinds();

  private static Map<String, GgufPreTokenizer> kinds() {
    Map<String, GgufPreTokenizer> kinds = new LinkedHashMap<>();
    GgufPreTokenizer gpt2 = cutBy(PreTokenizers.GPT2);
    put(kinds, gpt2, "gpt-2", "phi-2", "gigachat", "a.x-4.0", "mellum", "exaone4", "mpt", "olmo");
    put(kinds, gpt2, "jais", "trillion", "granite-docling");
    GgufPreTokenizer digits = cutBy(DIGIT, PreTokenizers.GPT2);
    put(kinds, digits, "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone");
    put(kinds, digits, "minerva-7b", "mellum2");
    GgufPreTokenizer llama3 = cutBy(LLAMA3);
    put(kinds, llama3, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
    GgufPreTokenizer llama = llama3.whole().first();
    put(kinds, llama, "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral");
    put(kinds, llama, "midm-2.0", "lfm2");
    GgufPreTokenizer qwen2 = cutBy(QWEN2);
    put(kinds, qwen2, "qwen2", "deepseek-r1-qwen", "kormo", "megrez", "stablelm2", "hunyuan");
    put(kinds, qwen2, "solar-open", "grok-2");
    put(
        kinds,
        cutBy(
            any(
                CONTRACTION,
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+",
                DIGIT,
                " ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*",
                LINE_ENDS,
                BLANKS)),
        "qwen35");
    GgufPreTokenizer gpt4o = cutBy(GPT4O);
    put(kinds, gpt4o, "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
    put(
        kinds,
        cutBy(any(SMALL_WORD, CAPITAL_WORD, DIGIT, SIGNS_AND_SLASHES, LINE_ENDS, BLANKS))
            .whole()
            .first(),
        "tekken");
    putDeepSeek(kinds);
    putFalcon(kinds);
    putOthers(kinds);
    return kinds;
  }

  private static void putDeepSeek(Map<String, GgufPreTokenizer> kinds) {
    put(
        kinds,
        cutBy(
            LINE_END,
            "\\s?" + CASED_LETTERS,
            "\\s?[!-/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}\\x{2018}-\\x{201F}"
                + "\\x{3000}-\\x{3002}]+",
            "\\s+$",
            EASTERN,
            "\\p{N}+"),
        "deepseek-llm");
    put(kinds, cutBy(LINE_END, "\\s?\\p{L}+", "\\s?\\p{P}+", EASTERN, DIGIT), "deepseek-coder");
    GgufPreTokenizer v3 =
        cutBy(
            UP_TO_THREE_DIGITS,
            HAN_OR_KANA,
            any(
                ASCII_SIGN_AND_LETTERS,
                DEEPSEEK_WORD,
                " ?[\\p{P}\\p{S}]+[\\r\\n]*",
                LINE_ENDS,
                BLANKS));
    put(kinds, v3, "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4");
    put(
        kinds,
        cutBy(
            UP_TO_THREE_DIGITS,
            HAN_OR_KANA,
            any(ASCII_SIGN_AND_LETTERS, DEEPSEEK_WORD, " ?[\\p{P}\\p{S}]+", LINE_END, BLANKS),
            DIGIT),
        "spark2_5");
  }

  private static void putFalcon(Map<String, GgufPreTokenizer> kinds) {
    put(kinds, cutBy("[\\p{P}\\$\\+<=>\\^~\\|`]+", PreTokenizers.GPT2, THREE_DIGITS), "falcon");
    put(
        kinds,
        cutBy("[\\p{P}\\$\\+<=>\\^~\\|]+", PreTokenizers.GPT2, "\\p{N}+", THREE_DIGITS),
        "default");
  }

  private static void putOthers(Map<String, GgufPreTokenizer> kinds) {
    put(kinds, cutBy(BETWEEN_SIGNS), "poro-chat", "bloom", "gpt3-finnish");
    put(kinds, cutBy(BETWEEN_SIGNS, DIGIT), "viking");
    put(
        kinds,
        cutBy(
            any(
                "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])",
                WORD,
                DIGIT,
                SIGNS,
                "\\s*[\\r\\n]",
                BLANKS)),
        "bailingmoe",
        "bailingmoe2",
        "llada-moe");
    put(
        kinds,
        cutBy(any(CONTRACTION, WORD, DIGIT, " ?[^\\s\\p{L}\\p{N}\\r\\n]+", LINE_ENDS, BLANKS)),
        "seed-coder");
    put(kinds, cutBy(any(WORD, DIGIT, SIGNS, LINE_ENDS, BLANKS)), "ufakzeka");
    put(kinds, cutBy(LINES, QWEN2), "laguna");
    put(
        kinds,
        cutBy(UP_TO_THREE_DIGITS, any(CONTRACTION, WORD, "\\p{N}+", SIGNS, LINE_ENDS, BLANKS))
            .whole(),
        "minicpm5");
    put(
        kinds,
        cutBy(
            any(
                CONTRACTION,
                // Possessive, so that Java's matcher does not go one call deeper for each letter.
                "[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*+(?: \\p{L}\\p{M}*+)*+)++",
                DIGIT,
                " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?",
                "\\s*[\\r\\n]",
                BLANKS)),
        "exaone-moe");
    put(
        kinds,
        cutBy(
            any(
                CONTRACTION,
                WORD,
                UP_TO_THREE_DIGITS,
                SIGNS,
                LINE_ENDS,
                "\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)",
                "\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s")),
        "jais-2");
    put(
        kinds,
        cutBy(
                "[\\x{AC00}-\\x{D7A3}\\x{3131}-\\x{318E}]+"
                    + "|[\\x{FF01}\\x{2026}\\x{201C}\\x{201D}\\x{2018}\\x{2019}\\x{2014}\\x{FF1A}"
                    + "\\x{FF1B}\\x{FF0C}\\x{3001}-\\x{303F}\\x{FE30}-\\x{FE4F}]+"
                    + "|[\\x{3105}-\\x{312F}]+|"
                    + HAN_OR_KANA,
                any(CASED_WORDS, DIGIT, SIGNS_AND_SLASHES, LINE_ENDS, BLANKS))
            .whole(),
        "youtu");
    put(
        kinds,
        cutBy(
                "<sentinel:[0-9]+>",
                "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
                "([\\t\\n]|    |  )",
                DIGIT,
                "[\\p{P}!-/:-@\\[-`{-~]",
                PreTokenizers.GPT2)
            .first(),
        "chameleon");
  }

  private static void put(
      Map<String, GgufPreTokenizer> kinds, GgufPreTokenizer kind, String... names) {
    for (String name : names) {
      kinds.put(name, kind);
    }
  }

  private static String any(String... alternatives) {
    return String.join("|", alternatives);
  }

  private static GgufPreTokenizer cutBy(String... patterns) {
    return new GgufPreTokenizer(List.of(patterns), false, false);
  }

  private GgufPreTokenizer whole() {
    return new GgufPreTokenizer(patterns, true, addFirst);
  }

  private GgufPreTokenizer first() {
    return new GgufPreTokenizer(patterns, ignoreMerges, true);
  }

  /** The one of a name, or null. */
  static GgufPreTokenizer named(String name) {
    return KINDS.get(name);
  }

  /**
   * The name of the kind that cuts texts as another pre-tokenizer does: all that are in {@link
   * ProbeText}, which tells the kinds apart.
   *
   * @param whole whether pieces that are tokens are not looked at any further; empty if it makes no
   *     difference
   */
  static Optional<String> nameOf(PreTokenizer other, Source source, Optional<Boolean> whole) {
    List<List<String>> wanted = pieces(other);
    return KINDS.entrySet().stream()
        .filter(kind -> whole.orElse(kind.getValue().ignoreMerges) == kind.getValue().ignoreMerges)
        .filter(
            kind -> pieces(kind.getValue().preTokenizer(source, GgufTokenizer.PRE)).equals(wanted))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** What becomes of each text that is probed. */
  static List<List<String>> pieces(PreTokenizer preTokenizer) {
    List<List<String>> all = new ArrayList<>();
    for (String text : ProbeText.written()) {
      List<String> pieces = new ArrayList<>();
      preTokenizer
          .into((piece, from, to, atStart) -> pieces.add(new String(piece, from, to - from)))
          .piece(text.toCharArray(), 0, text.length(), true);
      all.add(pieces);
    }
    return all;
  }

  static SortedSet<String> names() {
    return new TreeSet<>(KINDS.keySet());
  }

  /**
   * What cuts a text.
   *
   * @param component what errors call it
   */
  PreTokenizer preTokenizer(Source source, String component) {
    List<PreTokenizer> parts = new ArrayList<>();
    for (String pattern : patterns) {
      parts.add(
          new PreTokenizer.Split(
              Patterns.regex(source, component, pattern), SplitBehavior.ISOLATED, false));
    }
    parts.add(new PreTokenizer.ByteLevel());
    return new PreTokenizer.Sequence(parts);
  }
}
