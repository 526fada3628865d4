package org.resa4j.bench.options;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 4096}, {@code 64K} or {@code 1M}; K is 1024. */
public final class TokenCount implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    if (!text.matches("[1-9][0-9]{0,9}[kKmM]?")) {
      throw new TypeConversionException(
          "'%s' is no number of tokens such as 4096, 64K, 1M".formatted(text));
    }
    int last = text.length() - 1;
    long unit =
        switch (Character.toUpperCase(text.charAt(last))) {
          case 'K' -> 1L << 10;
          case 'M' -> 1L << 20;
          default -> 1;
        };
    long count = Long.parseLong(unit == 1 ? text : text.substring(0, last)) * unit;
    if (count > Integer.MAX_VALUE) {
      throw new TypeConversionException("%s tokens are too many".formatted(text));
    }
    return (int) count;
  }
}
