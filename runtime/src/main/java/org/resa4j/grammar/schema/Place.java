package org.resa4j.grammar.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import org.resa4j.error.SchemaException;
import org.resa4j.error.SchemaException.Fault;

/**
 * A place in a schema. There are many, and names may be long: its path is made when it is asked.
 */
final class Place {
  static final Place ROOT = new Place(null, "");

  private static final int MOST_CHARACTERS = 300;

  private final Place parent;
  private final String step;

  private Place(Place parent, String step) {
    this.parent = parent;
    this.step = step;
  }

  /** A keyword here, or a name in what a keyword has. */
  Place at(String name) {
    return new Place(this, name);
  }

  /** A value in the list that is here. */
  Place at(int index) {
    return new Place(this, "[%d]".formatted(index));
  }

  /** For people, such as {@code properties.city.anyOf[1]}; empty for the schema itself. */
  String path() {
    Deque<String> steps = new ArrayDeque<>();
    for (Place at = this; at != ROOT; at = at.parent) {
      steps.push(at.step);
    }
    StringBuilder path = new StringBuilder();
    for (String each : steps) {
      path.append(path.isEmpty() || each.startsWith("[") ? "" : ".").append(each);
      if (path.length() > MOST_CHARACTERS) {
        return path.substring(0, MOST_CHARACTERS) + "...";
      }
    }
    return path.toString();
  }

  SchemaException invalid(String problem) {
    return new SchemaException(Fault.INVALID, path(), problem);
  }

  SchemaException unsupported(String problem) {
    return new SchemaException(Fault.UNSUPPORTED, path(), problem);
  }
}
