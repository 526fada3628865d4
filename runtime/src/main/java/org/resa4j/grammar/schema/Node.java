package org.resa4j.grammar.schema;

import java.util.List;
import java.util.Optional;

/** A part of a compiled schema, which is known by its number. */
sealed interface Node {

  /**
   * Any value of several nodes.
   *
   * @param among their numbers; none where no value will do
   */
  record Choice(List<Integer> among) implements Node {
    public Choice {
      among = List.copyOf(among);
    }
  }

  /**
   * Values whose kind their first character tells.
   *
   * @param words true, false, null, or the values of an enum; empty where there are none
   */
  record Shape(
      Optional<Words> words,
      Numbers numbers,
      Optional<Length> string,
      Optional<Properties> object,
      Optional<Elements> array)
      implements Node {}

  /** Which numbers there may be. */
  enum Numbers {
    NONE,
    WHOLE,
    ANY
  }

  /**
   * How many characters a string may have, as code points.
   *
   * @param most {@link Integer#MAX_VALUE} for any
   */
  record Length(int least, int most) {
    boolean isBounded() {
      return most != Integer.MAX_VALUE;
    }
  }

  /**
   * What an array may have.
   *
   * @param first numbers of the nodes of its first values
   * @param rest that of the values after them
   * @param most {@link Integer#MAX_VALUE} for any
   */
  record Elements(List<Integer> first, int rest, int least, int most) {
    public Elements {
      first = List.copyOf(first);
    }

    /** The node of a value. */
    int node(int index) {
      return index < first.size() ? first.get(index) : rest;
    }

    /** How many values it has, as far as it matters for what may follow. */
    int count(int values) {
      return most == Integer.MAX_VALUE ? Math.min(values, Math.max(least, first.size())) : values;
    }
  }
}
