package org.resa4j.bench.options;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.attention.AttentionShape;
import org.resa4j.cli.ModelFlags;
import org.resa4j.format.HuggingFace;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The shape of a known model's attention.
 *
 * @param name the model's name, or Hq/Hkv/d
 * @param shape heads and head dimension
 */
public record NamedShape(String name, AttentionShape shape) {
  private static final Pattern HEADS = Pattern.compile("(\\d{1,4})/(\\d{1,4})/(\\d{1,4})");

  /** Those that the paper and its successors measure, and the model that ships. */
  public static final List<String> NAMES =
      List.of("qwen2.5-7b", "qwen2.5-1.5b", "llama-3-8b", "clerk");

  /** Reads a name of {@link #NAMES}, or Hq/Hkv/d such as 28/4/128. */
  public static NamedShape of(String text) {
    return switch (text) {
      case "qwen2.5-7b" -> new NamedShape(text, new AttentionShape(28, 4, 128));
      case "qwen2.5-1.5b" -> new NamedShape(text, new AttentionShape(12, 2, 128));
      case "llama-3-8b" -> new NamedShape(text, new AttentionShape(32, 8, 128));
      case "clerk" -> new NamedShape(text, shipped());
      default -> literal(text);
    };
  }

  private static AttentionShape shipped() {
    return HuggingFace.load(ModelFlags.shipped()).config().attention();
  }

  private static NamedShape literal(String text) {
    Matcher heads = HEADS.matcher(text);
    if (!heads.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no shape: take one of %s, or Hq/Hkv/d such as 28/4/128"
              .formatted(text, String.join(", ", NAMES)));
    }
    return new NamedShape(
        text,
        new AttentionShape(
            Integer.parseInt(heads.group(1)),
            Integer.parseInt(heads.group(2)),
            Integer.parseInt(heads.group(3))));
  }

  /** For the command line. */
  public static final class Converter implements ITypeConverter<NamedShape> {
    @Override
    public NamedShape convert(String text) {
      try {
        return of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
