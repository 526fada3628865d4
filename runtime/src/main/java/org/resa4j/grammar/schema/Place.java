package org.resa4j.grammar.schema;

import org.resa4j.error.SchemaException;
import org.resa4j.error.SchemaException.Fault;
import tools.jackson.core.JsonPointer;

/**
 * A place in a schema.
 *
 * @param path for people, such as {@code properties.city.anyOf[1]}; empty for the schema itself
 */
record Place(JsonPointer pointer, String path) {
  static final Place ROOT = new Place(JsonPointer.empty(), "");

  /** A keyword here, or a name in what a keyword has. */
  Place at(String name) {
    return new Place(pointer.appendProperty(name), path.isEmpty() ? name : path + "." + name);
  }

  /** A value in the list that is here. */
  Place at(int index) {
    return new Place(pointer.appendIndex(index), "%s[%d]".formatted(path, index));
  }

  SchemaException invalid(String problem) {
    return new SchemaException(Fault.INVALID, path, problem);
  }

  SchemaException unsupported(String problem) {
    return new SchemaException(Fault.UNSUPPORTED, path, problem);
  }
}
