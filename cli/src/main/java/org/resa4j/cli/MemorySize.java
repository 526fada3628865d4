package org.resa4j.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads an amount of memory: bytes, or a number with K, M, G or T for powers of 1024, with or
 * without a B after it.
 */
public final class MemorySize implements ITypeConverter<Long> {
  private static final String UNITS = "KMGT";

  @Override
  public Long convert(String text) {
    String number = text.strip();
    if (number.endsWith("B") || number.endsWith("b")) {
      number = number.substring(0, number.length() - 1);
    }
    int last = number.length() - 1;
    int unit = last < 0 ? -1 : UNITS.indexOf(Character.toUpperCase(number.charAt(last)));
    int shift = 0;
    if (unit >= 0) {
      shift = 10 * (unit + 1);
      number = number.substring(0, last);
    }
    double value;
    try {
      value = Double.parseDouble(number) * (1L << shift);
    } catch (NumberFormatException e) {
      throw new TypeConversionException(
          "'%s' is no amount of memory; write 800M or 2G, for example".formatted(text));
    }
    if (!(value >= 1 && value < Long.MAX_VALUE)) {
      throw new TypeConversionException("'%s' is not from 1 byte to 8388607T".formatted(text));
    }
    return (long) value;
  }
}
