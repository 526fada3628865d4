package org.resa4j.eval.exact;

import java.util.OptionalDouble;

/**
 * Where a text leaves dense decoding's, which a text of exact mode must not, but for rounding.
 *
 * @param token of the text, from 0: the first that differs
 * @param kind why
 * @param margin how far apart the two choices are: by how much a dense pass over the tokens before
 *     scores the worse of both below the best of all; empty where it cannot be told
 */
public record Parting(int token, Kind kind, OptionalDouble margin) {

  /** Why two texts part. */
  public enum Kind {
    /** Both choices score alike, at the engine's precision. */
    TIE,
    /** One of them was wrong. */
    FAULT,
    /** Their scores are not known: the choice was filtered or penalised. */
    UNKNOWN
  }

  /**
   * @throws IllegalArgumentException for a negative token or margin, or a tie without a margin
   */
  public Parting {
    if (token < 0
        || !(margin.orElse(0) >= 0)
        || (kind == Kind.TIE && margin.isEmpty())
        || (kind == Kind.UNKNOWN && margin.isPresent())) {
      throw new IllegalArgumentException(
          "no parting: %s at token %d, margin %s".formatted(kind, token, margin));
    }
  }
}
