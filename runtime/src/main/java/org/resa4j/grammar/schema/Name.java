package org.resa4j.grammar.schema;

import java.util.Collection;
import java.util.stream.IntStream;
import org.resa4j.grammar.schema.Properties.Property;

/**
 * Within the name of a property. Names that are not declared have one way to be written, so that
 * none is a declared one in other letters: as in {@link Words}, and without {@code \\uxxxx}.
 *
 * @param node of the object
 * @param next the first declared property that is not passed
 * @param at where, of the declared names; {@link #OTHER} or {@link #OTHER_ESCAPE} where it is none
 */
record Name(int node, int next, int at) implements Frame {
  private static final int OTHER = -2;
  private static final int OTHER_ESCAPE = -3;
  private static final String ESCAPES = "\"\\bfnrt";

  /**
   * Whether one of some declared properties may come now.
   *
   * @param indices theirs, in order
   */
  static boolean takesAny(
      IntStream indices, Properties properties, int next, Reading on, JsonSchema schema) {
    int last = properties.nextRequired(next);
    return indices
        .filter(index -> index >= next && index <= last)
        .anyMatch(index -> schema.fits(properties.declared().get(index).node(), on.depth()));
  }

  /** Whether one that is not declared may. */
  static boolean takesOther(Properties properties, int next, Reading on, JsonSchema schema) {
    return properties.other() != Properties.NO_OTHER
        && properties.mayEnd(next)
        && schema.fits(properties.other(), on.depth());
  }

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    Properties properties = schema.properties(node);
    if (at == OTHER_ESCAPE) {
      if (ESCAPES.indexOf(c) >= 0) {
        into.add(on.at(new Name(node, next, OTHER)));
      }
    } else if (at == OTHER) {
      other(c, properties, on, into);
    } else {
      declared(c, properties, on, schema, into);
    }
  }

  private void other(char c, Properties properties, Reading on, Collection<Reading> into) {
    if (c == '"') {
      into.add(named(on, properties.declared().size(), properties.other()));
    } else if (c == '\\') {
      into.add(on.at(new Name(node, next, OTHER_ESCAPE)));
    } else if (c >= ' ' && c != Words.BYTE) {
      // Bytes may become a character with which the name is a declared one.
      into.add(on.at(new Name(node, next, OTHER)));
    }
  }

  private void declared(
      char c, Properties properties, Reading on, JsonSchema schema, Collection<Reading> into) {
    Words names = properties.names();
    boolean others = takesOther(properties, next, on, schema);
    int to = names.next(at, c);
    if (to != Words.NONE) {
      if (others || takesAny(IntStream.of(names.ahead(to)), properties, next, on, schema)) {
        into.add(on.at(new Name(node, next, to)));
      }
    } else if (names.isInHex(at)) {
      // Only the rest of it may follow.
    } else if (names.isAfterBackslash(at)) {
      if (others && ESCAPES.indexOf(c) >= 0) {
        into.add(on.at(new Name(node, next, OTHER)));
      }
    } else if (c == '"' && names.word(at) != Words.NONE) {
      int index = names.word(at);
      if (takesAny(IntStream.of(index), properties, next, on, schema)) {
        Property property = properties.declared().get(index);
        into.add(named(on, index + 1, property.node()));
      }
    } else if (others) {
      other(c, properties, on, into);
    }
  }

  private Reading named(Reading on, int then, int value) {
    return on.at(new Members(node, then, Members.Place.VALUE))
        .push(new Value(value))
        .push(Colon.HERE);
  }
}
