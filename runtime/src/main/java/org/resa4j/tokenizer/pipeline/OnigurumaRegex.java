package org.resa4j.tokenizer.pipeline;

import java.util.regex.Pattern;

/**
 * Oniguruma's regular expressions (Ruby's syntax, UTF-8), which {@code tokenizer.json} has, in
 * Java's. What means something else in Java is written out; what has no equal, or is not known to
 * have one, is refused, and so is what takes Java endless work without looking at the text.
 *
 * <p>Source: Oniguruma 6.9, doc/RE and doc/SYNTAX.md.
 */
final class OnigurumaRegex {
  private static final int LONGEST = 16_384;
  private static final int DEEPEST = 64;
  private static final int MOST_REPEATS = 1_000;

  /** Of repetitions within repetitions. */
  private static final long MOST_NESTED_REPEATS = 10_000;

  /** What case folding makes one character of: ß, the ligatures of f, st. */
  private static final String[] FOLDED_TOGETHER = {"ss", "ff", "fi", "fl", "st"};

  /** A pattern that is not taken over. */
  static final class Unsupported extends Exception {
    private static final long serialVersionUID = 1L;

    Unsupported(String message) {
      super(message);
    }
  }

  /** What a lookbehind may have: characters that stand for themselves, and alternatives. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9 \t\n\r'\",:;!_@#%&=~<>/|-]+");

  private final String in;
  private int at;

  private OnigurumaRegex(String in) {
    this.in = in;
  }

  /** An expression for {@link java.util.regex.Pattern}'s UNIX_LINES and MULTILINE. */
  static String toJava(String oniguruma) throws Unsupported {
    if (oniguruma.length() > LONGEST) {
      throw new Unsupported("longer than %d characters".formatted(LONGEST));
    }
    OnigurumaRegex translation = new OnigurumaRegex(oniguruma);
    String java = translation.alternatives(0, new Options(false, false)).java;
    if (translation.at < oniguruma.length()) {
      throw new Unsupported("a ) without (");
    }
    return java;
  }

  private record Options(boolean ignoreCase, boolean dotTakesNewline) {}

  /**
   * A part in Java's words.
   *
   * @param nullable whether it may match nothing
   * @param repeats how often its innermost part may come by counted repetition
   * @param repeatable whether it takes characters, or is a group
   */
  private record Part(String java, boolean nullable, long repeats, boolean repeatable) {}

  private Part alternatives(int depth, Options options) throws Unsupported {
    if (depth > DEEPEST) {
      throw new Unsupported("more than %d brackets in each other".formatted(DEEPEST));
    }
    Options current = options;
    if (in.startsWith("(?i)", at)) {
      at += 4;
      current = new Options(true, options.dotTakesNewline);
    }
    StringBuilder java = new StringBuilder();
    boolean nullable = false;
    long repeats = 1;
    int branches = 0;
    do {
      if (branches > 0) {
        java.append('|');
        at++;
      }
      branches++;
      Part branch = sequence(depth, current);
      java.append(branch.java);
      nullable |= branch.nullable;
      repeats = Math.max(repeats, branch.repeats);
    } while (at < in.length() && in.charAt(at) == '|');
    if (depth > 0 && branches > 1 && nullable) {
      // Many such in a row have exponentially many ways to match nothing.
      throw new Unsupported("an alternative that may be empty");
    }
    return new Part(java.toString(), nullable, repeats, true);
  }

  private Part sequence(int depth, Options options) throws Unsupported {
    StringBuilder java = new StringBuilder();
    boolean nullable = true;
    long repeats = 1;
    StringBuilder letters = new StringBuilder();
    while (at < in.length() && in.charAt(at) != '|' && in.charAt(at) != ')') {
      char first = in.charAt(at);
      Part part = quantified(atom(depth, options));
      letters.append(Character.toLowerCase(first));
      java.append(part.java);
      nullable &= part.nullable;
      repeats = Math.max(repeats, part.repeats);
    }
    if (options.ignoreCase) {
      for (String folded : FOLDED_TOGETHER) {
        if (letters.indexOf(folded) >= 0) {
          throw new Unsupported("\"%s\" without regard to case".formatted(folded));
        }
      }
    }
    return new Part(java.toString(), nullable, repeats, true);
  }

  private Part atom(int depth, Options options) throws Unsupported {
    char c = in.charAt(at);
    return switch (c) {
      case '(' -> group(depth, options);
      case '[' -> {
        OnigurumaClass characters = new OnigurumaClass(in, at, options.ignoreCase);
        String java = characters.toJava();
        at = characters.end();
        yield consuming(java);
      }
      case '\\' -> escape(options);
      case '.' -> {
        at++;
        yield consuming(options.dotTakesNewline ? "[\\x{0}-\\x{10FFFF}]" : "[^\\x{A}]");
      }
      case '^', '$' -> {
        at++;
        yield zeroWidth(String.valueOf(c));
      }
      case '*', '+', '?' -> throw new Unsupported("nothing before " + c);
      default -> {
        int codePoint = in.codePointAt(at);
        at += Character.charCount(codePoint);
        yield literal(codePoint, options);
      }
    };
  }

  private static Part consuming(String java) {
    return new Part(java, false, 1, true);
  }

  private static Part zeroWidth(String java) {
    return new Part(java, true, 1, false);
  }

  private static Part literal(int codePoint, Options options) throws Unsupported {
    return consuming(
        options.ignoreCase
            ? "[" + OnigurumaClass.anyCase(codePoint) + "]"
            : OnigurumaClass.literal(codePoint));
  }

  private Part group(int depth, Options options) throws Unsupported {
    if (!in.startsWith("(?", at)) {
      at++;
      return inBrackets("(?:", depth, options, true);
    }
    for (String open : new String[] {"(?=", "(?!"}) {
      if (in.startsWith(open, at)) {
        at += open.length();
        return zeroWidth(inBrackets(open, depth, options, false).java);
      }
    }
    if (in.startsWith("(?<=", at) || in.startsWith("(?<!", at)) {
      return lookbehind(depth, options);
    }
    if (in.startsWith("(?>", at)) {
      at += 3;
      return inBrackets("(?>", depth, options, true);
    }
    if (in.startsWith("(?<", at)) {
      int end = in.indexOf('>', at);
      if (end < 0 || !in.substring(at + 3, end).matches("[A-Za-z_][A-Za-z_0-9]*")) {
        throw new Unsupported("a group without a name");
      }
      at = end + 1;
      return inBrackets("(?:", depth, options, true);
    }
    int colon = at + 2;
    boolean on = true;
    boolean ignoreCase = options.ignoreCase;
    boolean dotTakesNewline = options.dotTakesNewline;
    while (colon < in.length() && in.charAt(colon) != ':') {
      switch (in.charAt(colon++)) {
        case '-' -> on = false;
        case 'i' -> ignoreCase = on;
        case 'm' -> dotTakesNewline = on;
        default -> throw new Unsupported("a group of the kind " + in.substring(at, colon));
      }
    }
    at = colon + 1;
    return inBrackets("(?:", depth, new Options(ignoreCase, dotTakesNewline), true);
  }

  private Part lookbehind(int depth, Options options) throws Unsupported {
    String open = in.substring(at, at + 4);
    int close = in.indexOf(')', at);
    // Java counts a character beyond U+FFFF as two there, but sees it as one.
    if (options.ignoreCase || close < 0 || !PLAIN.matcher(in.substring(at + 4, close)).matches()) {
      throw new Unsupported("a lookbehind for more than plain characters");
    }
    at += 4;
    return zeroWidth(inBrackets(open, depth, options, false).java);
  }

  private Part inBrackets(String open, int depth, Options options, boolean repeatable)
      throws Unsupported {
    Part inside = alternatives(depth + 1, options);
    if (at >= in.length()) {
      throw new Unsupported("a ( without )");
    }
    at++;
    return new Part(open + inside.java + ")", inside.nullable, inside.repeats, repeatable);
  }

  private Part escape(Options options) throws Unsupported {
    if (at + 1 >= in.length()) {
      throw new Unsupported("a \\ at the end");
    }
    char c = in.charAt(at + 1);
    String anchor =
        switch (c) {
          case 'A', 'z', 'Z' -> "\\" + c;
          case 'b', 'B' -> throw new Unsupported("a word boundary, which Java has in other places");
          default -> null;
        };
    if (anchor != null) {
      at += 2;
      return zeroWidth(anchor);
    }
    OnigurumaEscape escape = new OnigurumaEscape(in, at);
    at = escape.end();
    if (escape.isCharacter()) {
      return literal(escape.character(), options);
    }
    String set = escape.set(options.ignoreCase);
    return consuming("[" + set.replace(OnigurumaClass.WORD, OnigurumaClass.WORD_ALONE) + "]");
  }

  private Part quantified(Part part) throws Unsupported {
    Part result = part;
    for (int count = 0; at < in.length(); count++) {
      Interval interval = interval();
      if (interval == null) {
        return result;
      }
      if (!part.repeatable || part.nullable) {
        throw new Unsupported("repetition of what may be empty");
      }
      if (count > 0) {
        throw new Unsupported("repetition of a repetition");
      }
      String quantifier = interval.java;
      String java = result.java + quantifier;
      char next = at < in.length() ? in.charAt(at) : 0;
      boolean counted = quantifier.startsWith("{");
      if (next == '?') {
        if (counted && interval.lowest == interval.highest) {
          throw new Unsupported("{n}?");
        }
        java += "?";
        at++;
      } else if (next == '+') {
        // After a count, it is one more repetition in Ruby's syntax, and possessive in Java's.
        if (counted && interval.lowest == 0) {
          throw new Unsupported("repetition of what may be empty");
        }
        java = counted ? "(?:" + java + ")+" : java + "+";
        at++;
      }
      int most = interval.highest == Integer.MAX_VALUE ? interval.lowest : interval.highest;
      long repeats = part.repeats * Math.max(1, most);
      if (repeats > MOST_NESTED_REPEATS) {
        throw new Unsupported("too many repetitions in each other");
      }
      result = new Part(java, interval.lowest == 0, repeats, true);
    }
    return result;
  }

  private record Interval(String java, int lowest, int highest) {}

  /** The quantifier that begins here, or null. */
  private Interval interval() throws Unsupported {
    switch (in.charAt(at)) {
      case '*':
        at++;
        return new Interval("*", 0, Integer.MAX_VALUE);
      case '+':
        at++;
        return new Interval("+", 1, Integer.MAX_VALUE);
      case '?':
        at++;
        return new Interval("?", 0, 1);
      case '{':
        break;
      default:
        return null;
    }
    int end = in.indexOf('}', at);
    String inside = end < 0 ? "" : in.substring(at + 1, end);
    if (!inside.matches("[0-9]+|[0-9]+,|,[0-9]+|[0-9]+,[0-9]+")) {
      // A bracket that is no count stands for itself.
      return null;
    }
    if (inside.length() > 16) {
      throw new Unsupported("{%s}".formatted(inside));
    }
    at = end + 1;
    int comma = inside.indexOf(',');
    String low = comma < 0 ? inside : inside.substring(0, comma);
    String high = comma < 0 ? inside : inside.substring(comma + 1);
    int lowest = low.isEmpty() ? 0 : count(low);
    int highest = high.isEmpty() ? Integer.MAX_VALUE : count(high);
    if (lowest > highest
        || lowest > MOST_REPEATS
        || (highest > MOST_REPEATS && !high.isEmpty())
        || highest == 0) {
      throw new Unsupported("{%s}".formatted(inside));
    }
    return new Interval("{%d,%s}".formatted(lowest, high.isEmpty() ? "" : high), lowest, highest);
  }

  private static int count(String digits) throws Unsupported {
    if (digits.length() > 9) {
      throw new Unsupported("a count of " + digits);
    }
    return Integer.parseInt(digits);
  }
}
