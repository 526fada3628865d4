package org.resa4j.tokenizer.pipeline;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;

/**
 * Texts in which tokenizers differ that differ at all: digits, contractions, capitals, signs, white
 * space, scripts; and all tokens of a vocabulary, in an order that no text has.
 */
final class ProbeText {
  private static final List<String> WRITTEN =
      List.of(
          "Hello, World! It's 1 12 123 1234 12345 1234567 years; we'll see, they'RE, I'M, don't"
              + " you'd've 'tis 'S 'T 'Ll x's HE'S",
          "helloWorld HelloWorld HTTPServer camelCASEWord XMLhttp aBcD ÉCOLEélève ПриветМИР",
          "  two   three    four     \ta\t\tb \t c\n\n\nd \n e \r\n\r\n f\n  g\n\n  h   \n i  ",
          "trailing blanks    ",
          "a\n\n\n\nb   \n\n   c\r\rd \n/\n e/\n\n//\r\n f",
          "!?.,;:… (a) [b] {c} <d> \"e\" 'f' `g` a_b a-b a+b a=b a/b a\\b a|b ~x ^y $z £1 €2 #3 @me"
              + " a&b 50% *c* --- ... ??? !!!\n\n## x\n",
          "if (x[i] >= 0x1F && !y) { return \"a\\n"
              + "\" + f(z)->w; } // _private __init__ /* 3.14e-5 */",
          " !a .b ,c ;d :e \"f #g $h %i &j (k /l <m =n >o ?p @q [r ^s _t `u {v |w ~x !Ab .Cd",
          "abc123def 456ghi 7-8_9 10,000.00 1st v2.0 ½ ² Ⅷ ١٢٣٤ १२३४५ ①②",
          "Ça été naïve œuvre Straße ñandú Øresund İstanbul ıŉǰ ﬁ ａｂｃ １２３",
          "Привет, мир! 'с Ελληνικά Ωμέγα ƛ ʔ ǅ Ⴀ Ꭰ Ა",
          "中文字符测试，你好。世界！「引用」 汉字abc漢字123 ひらがな カタカナ ー 한국어 텍스트 ㄱㄴ ㄅㄆ",
          "العربية النص، ١٢ עברית हिन्दी पाठ। ไทยภาษา தமிழ் བོད་ ខ្មែរ ۔ اردو",
          "x\u0301y \u0323 q\u0308\u0304 \u0300a 1\u0301 !\u0301",
          "😀🙂 👨‍👩‍👧 🇩🇪 🏳️‍🌈 👍🏽 𝒜𝓑 𐍈 𠀀 ★☆→←",
          "a\u00a0b\u2003c\u3000d\u2028e\u0085f\ufeffg\u200bh\u200di\u00adj",
          "\u0000\u0001\u001b\u007f\u0080 \u2018x\u2019 \u201cy\u201d \u2014"
              + " \uff0c\uff1a\uff1b\ufe30",
          "http://example.org/a?b=1&c=%20 user@example.org C:\\dir\\file.txt",
          "IMGIMGABZ <sentinel:12> "
              + " ".repeat(5)
              + "a"
              + " ".repeat(20)
              + "b"
              + " ".repeat(70)
              + "c",
          "한국 어다 the cat sat on a mat 한 국",
          "y\u0e33 a.B,C;d!E?f:G|h 1a2b3c 12ab 123ab ab1234 x²y",
          "'a 'bc 'ſ 'K \u212a 's's 'sx 'rex I'many we'llow X'REX a'te  12   345  x");

  /** Tokens of a text from a vocabulary. */
  private static final int TOKENS = 64;

  /** A prime number, so that neighbours come from far apart. */
  private static final int STRIDE = 7919;

  private ProbeText() {}

  /** Those that are written here; NFC leaves them as they are. */
  static List<String> written() {
    return WRITTEN.stream().map(ProbeText::normalized).toList();
  }

  /** All tokens of a vocabulary as they are decoded, but for special ones, in NFC. */
  static List<String> ofTokens(Pipeline pipeline, int vocabulary) {
    List<String> texts = new ArrayList<>();
    int stride = vocabulary % STRIDE == 0 ? STRIDE + 2 : STRIDE;
    int[] tokens = new int[TOKENS];
    for (int from = 0; from < vocabulary; from += TOKENS) {
      for (int i = 0; i < TOKENS; i++) {
        tokens[i] = (int) ((long) (from + i) * stride % vocabulary);
      }
      texts.add(normalized(pipeline.decode(tokens, 0, TOKENS, false)));
    }
    return texts;
  }

  private static String normalized(String text) {
    return NormalizationForm.normalize(text, Form.NFC);
  }
}
