package org.resa4j.grammar.schema;

import java.util.List;

/**
 * What an object may have: declared properties, in this order, then others.
 *
 * @param declared by index
 * @param names the names of the declared, without quotes; a name's number is its index
 * @param other the node of properties that are not declared, {@link #NO_OTHER} where there may be
 *     none
 */
record Properties(List<Property> declared, Words names, int other) {
  static final int NO_OTHER = -1;

  /**
   * A declared property.
   *
   * @param node of its value
   */
  record Property(int node, boolean required) {}

  Properties {
    declared = List.copyOf(declared);
  }

  /** The next one that may not be left out, from an index on; their number where there is none. */
  int nextRequired(int from) {
    int next = from;
    while (next < declared.size() && !declared.get(next).required()) {
      next++;
    }
    return next;
  }

  /** Whether none that is left, from an index on, must be there. */
  boolean mayEnd(int from) {
    return nextRequired(from) == declared.size();
  }
}
