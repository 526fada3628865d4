package org.resa4j.eval.exact;

import java.util.OptionalDouble;

/**
 * How many texts are dense decoding's, token for token.
 *
 * @param compared texts of which both are known
 * @param equal how many of them are alike
 * @param ties of exact mode, how many part where both choices score alike
 * @param faults of exact mode, how many part elsewhere
 * @param widestTie the largest margin of a tie; empty where there is none
 */
public record Equality(int compared, int equal, int ties, int faults, OptionalDouble widestTie) {
  /**
   * @throws IllegalArgumentException for a negative number, or parts that are more than the whole
   */
  public Equality {
    if (equal < 0 || ties < 0 || faults < 0 || equal + ties + faults > compared) {
      throw new IllegalArgumentException(
          "%d texts compared, %d equal, %d ties, %d faults"
              .formatted(compared, equal, ties, faults));
    }
  }
}
