package org.resa4j.eval.check;

import java.util.Arrays;

/**
 * The words of a text that had to be computed.
 *
 * @param places of each, ascending, in words of the right answer from 0
 * @param right whether each is as it should be
 */
public record Steps(int[] places, boolean[] right) {
  /**
   * @throws IllegalArgumentException unless there are as many of both
   */
  public Steps {
    if (places.length != right.length) {
      throw new IllegalArgumentException(
          "%d places, %d results".formatted(places.length, right.length));
    }
  }

  public int count() {
    return places.length;
  }

  public int countRight() {
    int count = 0;
    for (boolean each : right) {
      count += each ? 1 : 0;
    }
    return count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Steps steps
        && Arrays.equals(places, steps.places)
        && Arrays.equals(right, steps.right);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(places) + Arrays.hashCode(right);
  }

  @Override
  public String toString() {
    return "%d of %d steps right".formatted(countRight(), count());
  }
}
