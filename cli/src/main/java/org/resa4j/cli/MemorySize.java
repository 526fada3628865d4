package org.resa4j.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an amount of memory: bytes, or a number with K, M, G or T for powers of 1024. */
public final class MemorySize implements ITypeConverter<Long> {
  private static final String UNITS = "KMGT";

  @Override
  public Long convert(String text) {
    String number = text;
    int shift = 0;
    int unit =
        text.isEmpty() ? -1 : UNITS.indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
    if (unit >= 0) {
      shift = 10 * (unit + 1);
      number = text.substring(0, text.length() - 1);
    }
    double value;
    try {
      value = Double.parseDouble(number) * (1L << shift);
    } catch (NumberFormatException e) {
      throw new TypeConversionException(
          "'%s' is no amount of memory; write 800M or 2G, for example".formatted(text));
    }
    if (!(value >= 1 && value < Long.MAX_VALUE)) {
      throw new TypeConversionException("'%s' is not from 1 byte on".formatted(text));
    }
    return (long) value;
  }
}
