package org.resa4j.grammar.schema;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.grammar.TextState;

/**
 * A value that a schema describes. White space between its parts is bounded, as is how deep it
 * nests.
 *
 * @param readings the ways to read what was written, where a schema leaves several; the first ones,
 *     if there are more than {@value #MOST_READINGS}
 * @param space characters of white space that it ends with, between two parts
 */
record SchemaText(JsonSchema schema, List<Reading> readings, int space) implements TextState {
  /** Each of them can be brought to an end, so that any will do. */
  static final int MOST_READINGS = 32;

  private static final int MOST_SPACE = 64;

  SchemaText {
    readings = List.copyOf(readings);
  }

  static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  @Override
  public TextState next(char character) {
    List<Reading> next = after(character);
    if (next.isEmpty()) {
      return null;
    }
    // All have read the same, so that all stand between parts or none does.
    boolean between = isSpace(character) && next.getFirst().top().takesSpace();
    int count = between ? space + 1 : 0;
    if (count > MOST_SPACE) {
      return null;
    }
    return count == space && next.equals(readings) ? this : new SchemaText(schema, next, count);
  }

  private List<Reading> after(char character) {
    List<Reading> next = new ArrayList<>(readings.size());
    readings.forEach(each -> each.next(character, schema, next));
    // Within a string they often stay as they are, which is cheaper to see than that they differ.
    return next.size() < 2 || next.equals(readings)
        ? next
        : next.stream().distinct().limit(MOST_READINGS).toList();
  }

  @Override
  public boolean isComplete() {
    return readings.stream().anyMatch(Reading::isComplete);
  }

  @Override
  public Object grammar() {
    return schema;
  }

  @Override
  public TextState within(int length) {
    return new SchemaText(
        schema, readings.stream().map(each -> each.within(length, schema)).toList(), space);
  }
}
