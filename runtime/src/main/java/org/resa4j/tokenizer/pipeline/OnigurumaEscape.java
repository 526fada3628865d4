package org.resa4j.tokenizer.pipeline;

import java.lang.Character.UnicodeScript;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.resa4j.tokenizer.pipeline.OnigurumaRegex.Unsupported;

/** A backslash and what belongs to it: one character or a set of them. */
final class OnigurumaEscape {
  private static final Set<String> CATEGORIES =
      Set.of(
          "c", "cc", "cf", "cn", "co", "l", "lc", "ll", "lm", "lo", "lt", "lu", "m", "mc", "me",
          "mn", "n", "nd", "nl", "no", "p", "pc", "pd", "pe", "pf", "pi", "po", "ps", "s", "sc",
          "sk", "sm", "so", "z", "zl", "zp", "zs");

  /** Java's words for the sets that have a name in brackets, and for long names of categories. */
  private static final Map<String, String> NAMED =
      Map.ofEntries(
          Map.entry("alpha", "\\p{IsAlphabetic}"),
          Map.entry("alphabetic", "\\p{IsAlphabetic}"),
          Map.entry("digit", "\\p{Nd}"),
          Map.entry("alnum", "\\p{IsAlphabetic}\\p{Nd}"),
          Map.entry("upper", "\\p{IsUppercase}"),
          Map.entry("uppercase", "\\p{IsUppercase}"),
          Map.entry("lower", "\\p{IsLowercase}"),
          Map.entry("lowercase", "\\p{IsLowercase}"),
          Map.entry("space", "\\p{IsWhite_Space}"),
          Map.entry("whitespace", "\\p{IsWhite_Space}"),
          Map.entry("cntrl", "\\p{Cc}"),
          Map.entry("punct", "\\p{P}"),
          Map.entry("blank", "\\x{9}\\p{Zs}"),
          Map.entry("xdigit", "0-9A-Fa-f"),
          Map.entry("word", OnigurumaClass.WORD),
          Map.entry("ascii", "\\x{0}-\\x{7F}"),
          Map.entry("any", "\\x{0}-\\x{10FFFF}"),
          Map.entry("letter", "\\p{L}"),
          Map.entry("uppercaseletter", "\\p{Lu}"),
          Map.entry("lowercaseletter", "\\p{Ll}"),
          Map.entry("titlecaseletter", "\\p{Lt}"),
          Map.entry("modifierletter", "\\p{Lm}"),
          Map.entry("otherletter", "\\p{Lo}"),
          Map.entry("mark", "\\p{M}"),
          Map.entry("number", "\\p{N}"),
          Map.entry("decimalnumber", "\\p{Nd}"),
          Map.entry("punctuation", "\\p{P}"),
          Map.entry("symbol", "\\p{S}"),
          Map.entry("separator", "\\p{Z}"));

  private int end;
  private int character = -1;
  private String set = "";
  private boolean negated;

  /**
   * @param at where the backslash is
   */
  OnigurumaEscape(String in, int at) throws Unsupported {
    if (at + 1 >= in.length()) {
      throw new Unsupported("a \\ at the end");
    }
    char c = in.charAt(at + 1);
    end = at + 2;
    switch (c) {
      case 't' -> character = '\t';
      case 'n' -> character = '\n';
      case 'r' -> character = '\r';
      case 'f' -> character = '\f';
      case 'v' -> character = 0x0B;
      case 'a' -> character = 0x07;
      case 'e' -> character = 0x1B;
      case 's', 'S' -> named("space", c == 'S');
      case 'd', 'D' -> named("digit", c == 'D');
      case 'w', 'W' -> named("word", c == 'W');
      case 'h', 'H' -> named("xdigit", c == 'H');
      case 'x' -> {
        if (in.startsWith("{", end)) {
          int close = in.indexOf('}', end);
          hexadecimal(close < 0 ? "" : in.substring(end + 1, close), 8, 0x10FFFF);
          end = close + 1;
        } else {
          // Beyond ASCII it is a byte of UTF-8.
          hexadecimal(in.substring(end, Math.min(in.length(), end + 2)), 2, 0x7F);
          end += 2;
        }
      }
      case 'u' -> {
        hexadecimal(in.substring(end, Math.min(in.length(), end + 4)), 4, 0xFFFF);
        end += 4;
      }
      case 'p', 'P' -> {
        int close = in.indexOf('}', end);
        if (!in.startsWith("{", end) || close < 0) {
          throw new Unsupported("\\%c without {}".formatted(c));
        }
        String name = in.substring(end + 1, close);
        end = close + 1;
        boolean circumflex = name.startsWith("^");
        named(circumflex ? name.substring(1) : name, (c == 'P') != circumflex);
      }
      default -> {
        if (c >= 0x80 || Character.isLetterOrDigit(c)) {
          throw new Unsupported("\\" + c);
        }
        character = c;
      }
    }
  }

  private void hexadecimal(String digits, int longest, int limit) throws Unsupported {
    boolean whole = longest == 8 || digits.length() == longest;
    if (!whole || !digits.matches("[0-9A-Fa-f]{1,8}")) {
      throw new Unsupported("\\x or \\u without its digits");
    }
    long value = Long.parseLong(digits, 16);
    if (value > limit || (value >= 0xD800 && value <= 0xDFFF)) {
      throw new Unsupported("no character that can be written so: " + digits);
    }
    character = (int) value;
  }

  private void named(String name, boolean not) throws Unsupported {
    set = lookUp(name);
    negated = not;
  }

  /** What goes into a class for a property, a script or a set in brackets. */
  static String lookUp(String name) throws Unsupported {
    String plain = name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    if (NAMED.containsKey(plain)) {
      return NAMED.get(plain);
    }
    if (CATEGORIES.contains(plain)) {
      return "\\p{%s}"
          .formatted(plain.substring(0, 1).toUpperCase(Locale.ROOT) + plain.substring(1));
    }
    for (UnicodeScript script : UnicodeScript.values()) {
      if (script != UnicodeScript.UNKNOWN
          && script.name().replace("_", "").equalsIgnoreCase(plain)) {
        return "\\p{script=%s}".formatted(script.name());
      }
    }
    throw new Unsupported("unknown property \"%s\"".formatted(name));
  }

  int end() {
    return end;
  }

  boolean isCharacter() {
    return character >= 0;
  }

  int character() {
    return character;
  }

  /** What goes into a class of Java's. */
  String set(boolean ignoreCase) throws Unsupported {
    if (ignoreCase && (set.contains("Lu") || set.contains("Ll") || set.contains("case"))) {
      throw new Unsupported("a property of case without regard to case");
    }
    return negated ? "[^" + set + "]" : set;
  }
}
