package org.resa4j.error;

import java.util.List;
import java.util.Objects;

/** Something was asked for that the model at hand cannot do. */
public final class UnsupportedException extends InputException {
  private static final long serialVersionUID = 1L;

  /** What a model can or cannot do. */
  public enum Feature {
    /** To answer conversations. */
    CHAT,
    /** To call tools. */
    TOOLS,
    /** To call a tool because it must. */
    REQUIRED_CALL,
    /** To answer with a JSON object because it must. */
    JSON
  }

  private final Feature feature;

  public UnsupportedException(Feature feature, String message) {
    super(message, List.of());
    this.feature = Objects.requireNonNull(feature, "a feature");
  }

  /** What was asked for. */
  public Feature feature() {
    return feature;
  }
}
