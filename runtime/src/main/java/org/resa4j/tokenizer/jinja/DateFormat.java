package org.resa4j.tokenizer.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's {@code strftime}, in English, with C's flags for padding. */
final class DateFormat {
  private static final String FLAGS = "-_0^";

  private final String format;
  private final Budget budget;

  DateFormat(String format, Budget budget) {
    this.format = format;
    this.budget = budget;
  }

  String apply(LocalDateTime time) {
    return apply(format, time);
  }

  private String apply(String pattern, LocalDateTime time) {
    TextBuilder out = new TextBuilder(budget);
    int i = 0;
    while (i < pattern.length()) {
      char c = pattern.charAt(i++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      char flag = 0;
      if (i < pattern.length() && FLAGS.indexOf(pattern.charAt(i)) >= 0) {
        flag = pattern.charAt(i++);
      }
      if (i >= pattern.length()) {
        throw new Fault("a date format ends within a directive");
      }
      char directive = pattern.charAt(i++);
      String text = composed(directive, time);
      text = text == null ? text(directive, flag, time) : text;
      out.append(flag == '^' ? text.toUpperCase(Locale.ROOT) : text);
    }
    return out.toString();
  }

  /** What is short for other directives; null if it is not. */
  private String composed(char directive, LocalDateTime time) {
    return switch (directive) {
      case 'c' -> apply("%a %b %e %H:%M:%S %Y", time);
      case 'D', 'x' -> apply("%m/%d/%y", time);
      case 'F' -> apply("%Y-%m-%d", time);
      case 'R' -> apply("%H:%M", time);
      case 'r' -> apply("%I:%M:%S %p", time);
      case 'T', 'X' -> apply("%H:%M:%S", time);
      default -> null;
    };
  }

  private static String text(char directive, char flag, LocalDateTime time) {
    int hour12 = (time.getHour() + 11) % 12 + 1;
    int sunday = time.getDayOfWeek().getValue() % 7;
    return switch (directive) {
      case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'C' -> number(time.getYear() / 100, 2, flag, '0');
      case 'd' -> number(time.getDayOfMonth(), 2, flag, '0');
      case 'e' -> number(time.getDayOfMonth(), 2, flag, ' ');
      case 'f' -> String.format(Locale.ROOT, "%06d", time.getNano() / 1000);
      case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 4, flag, '0');
      case 'H' -> number(time.getHour(), 2, flag, '0');
      case 'I' -> number(hour12, 2, flag, '0');
      case 'j' -> number(time.getDayOfYear(), 3, flag, '0');
      case 'k' -> number(time.getHour(), 2, flag, ' ');
      case 'l' -> number(hour12, 2, flag, ' ');
      case 'm' -> number(time.getMonthValue(), 2, flag, '0');
      case 'M' -> number(time.getMinute(), 2, flag, '0');
      case 'n' -> "\n";
      case 'p' -> time.get(ChronoField.AMPM_OF_DAY) == 0 ? "AM" : "PM";
      case 'P' -> time.get(ChronoField.AMPM_OF_DAY) == 0 ? "am" : "pm";
      case 'S' -> number(time.getSecond(), 2, flag, '0');
      case 't' -> "\t";
      case 'u' -> number(time.getDayOfWeek().getValue(), 1, flag, '0');
      case 'U' -> number((time.getDayOfYear() + 6 - sunday) / 7, 2, flag, '0');
      case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, flag, '0');
      case 'w' -> number(sunday, 1, flag, '0');
      case 'W' -> number((time.getDayOfYear() + 6 - (sunday + 6) % 7) / 7, 2, flag, '0');
      case 'y' -> number(time.getYear() % 100, 2, flag, '0');
      case 'Y' -> number(time.getYear(), 1, flag, '0');
      // A local time has no zone.
      case 'z', 'Z' -> "";
      case '%' -> "%";
      default -> throw new Fault("the date format %" + directive + " is not supported");
    };
  }

  private static String number(int value, int width, char flag, char padding) {
    String digits = Integer.toString(value);
    char pad = flag == '_' ? ' ' : flag == '0' ? '0' : padding;
    int room = flag == '-' ? 0 : Math.max(0, width - digits.length());
    return String.valueOf(pad).repeat(room) + digits;
  }
}
