package org.resa4j.tokenizer;

import java.util.List;
import java.util.Random;

/** Texts that mix what tokenizers treat in different ways. */
final class RandomTexts {
  private static final String[] POOLS = {
    "abcdefghijklmnopqrstuvwxyz",
    "the cat sat on a mat",
    "ABCDEFGHIJ etaoin",
    "0123456789",
    " \t\n\r",
    "   ",
    "\n\n\n",
    ".,;:!?'\"()[]{}<>/\\|@#$%^&*-_=+`~",
    "éèêëñüößçøåæÉÀ",
    "абвгдежзийклмнопрст",
    "αβγδεζηθικλμΣς",
    "漢字仮名交じり文中国人民大学",
    "ひらがなカタカナ",
    "한국어텍스트가나다",
    "العربيةنص",
    "हिन्दीपाठ",
    "ไทยภาษา",
    "\u0301\u0300\u0308\u0327\u0323",
    "\u200d\u200c\ufe0f\u00a0\u2003\u3000\u2028\u0085\ufeff\u00ad",
    "\u0000\u0001\u001b\u007f\u0080",
    "😀🙂👨‍👩‍👧🇩🇪🏳️‍🌈👍🏽",
    "𝒜𝓑𝔠𐍈𠀀𩸽",
    "ﬁﬂſßİıŉǰ",
    "ｆｕｌｌ①②½²Ⅷ",
    "'s't're've'm'll'd'S'T",
    "don't we'll I'M they'RE",
    "▁▁ ▁",
    "Ġ Ċ<0x0A>",
    "http://x.y/z?a=1&b=2",
    "    return x;\n",
    "\uac00\u1100\u1161\u11a8",
    "\u0344\u0958\u2126\u212b"
  };

  private final Random random;
  private final List<String> tokens;

  /**
   * @param tokens come in the texts too
   */
  RandomTexts(long seed, List<String> tokens) {
    this.random = new Random(seed);
    this.tokens = tokens;
  }

  Random random() {
    return random;
  }

  String next() {
    StringBuilder text = new StringBuilder();
    int parts = 1 + random.nextInt(12);
    for (int i = 0; i < parts; i++) {
      addPart(text);
      if (random.nextInt(3) == 0) {
        text.append(' ');
      }
    }
    return text.toString();
  }

  private void addPart(StringBuilder text) {
    String pool = POOLS[random.nextInt(POOLS.length)];
    if (random.nextInt(6) == 0 && !tokens.isEmpty()) {
      text.append(tokens.get(random.nextInt(tokens.size())));
    } else if (random.nextInt(4) == 0) {
      text.append(pool);
    } else {
      int[] points = pool.codePoints().toArray();
      for (int count = random.nextInt(8); count > 0; count--) {
        text.appendCodePoint(points[random.nextInt(points.length)]);
      }
    }
  }
}
