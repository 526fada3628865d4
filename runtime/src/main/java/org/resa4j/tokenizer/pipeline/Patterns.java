package org.resa4j.tokenizer.pipeline;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads {@code {"String": …}} and {@code {"Regex": …}}. */
final class Patterns {
  private Patterns() {}

  static TextPattern read(Fields component) {
    Fields pattern = component.object("pattern");
    String kind = pattern.onlyName();
    return switch (kind) {
      case "String" -> {
        String literal = pattern.string(kind);
        if (literal.isEmpty()) {
          throw component.refuse("the pattern is empty");
        }
        yield new TextPattern.Literal(literal);
      }
      case "Regex" -> regex(component, pattern.string(kind));
      default -> throw component.refuse("unknown kind of pattern \"%s\"".formatted(kind));
    };
  }

  /** A pattern of Oniguruma's. */
  static TextPattern regex(Fields component, String oniguruma) {
    return regex(component.source(), component.component(), oniguruma);
  }

  /** The same, of a component that is named. */
  static TextPattern regex(Source source, String component, String oniguruma) {
    try {
      Pattern pattern =
          Pattern.compile(OnigurumaRegex.toJava(oniguruma), Pattern.UNIX_LINES | Pattern.MULTILINE);
      return new TextPattern.Regex(source, component, pattern);
    } catch (OnigurumaRegex.Unsupported e) {
      throw source.refuse(
          component, "pattern %s: %s".formatted(shortened(oniguruma), e.getMessage()));
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw source.refuse(component, "no pattern that can be used: " + shortened(oniguruma));
    }
  }

  private static String shortened(String pattern) {
    return pattern.length() <= 200 ? pattern : pattern.substring(0, 200) + "…";
  }
}
