package org.resa4j.error;

import java.util.Objects;

/** A JSON schema that no answer can be held to. */
public final class SchemaException extends InputException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with a schema. */
  public enum Fault {
    /** It is no schema, or no value fits it. */
    INVALID,
    /** It asks for what is not enforced here, or for more than the limits allow. */
    UNSUPPORTED
  }

  private final Fault fault;
  private final String path;

  /**
   * @param path the place at fault, such as {@code properties.city.pattern}; empty for the schema
   *     itself
   * @param problem what is wrong with it, as the rest of a sentence that begins with the place
   */
  public SchemaException(Fault fault, String path, String problem) {
    super("the JSON schema%s %s".formatted(path.isEmpty() ? "" : "'s " + path, problem));
    this.fault = Objects.requireNonNull(fault, "a fault");
    this.path = path;
  }

  public Fault fault() {
    return fault;
  }

  /** The place at fault, such as {@code anyOf[1].minimum}; empty for the schema itself. */
  public String path() {
    return path;
  }
}
