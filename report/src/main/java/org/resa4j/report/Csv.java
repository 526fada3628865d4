package org.resa4j.report;

import java.util.Collection;
import java.util.stream.Collectors;

/** Comma-separated values after RFC 4180, lines ended by LF. */
public final class Csv {
  private Csv() {}

  /** A line of values, its end included; null is empty. */
  public static String line(Collection<?> values) {
    return values.stream().map(Csv::field).collect(Collectors.joining(",", "", "\n"));
  }

  private static String field(Object value) {
    if (value == null) {
      return "";
    }
    String text = value.toString();
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
