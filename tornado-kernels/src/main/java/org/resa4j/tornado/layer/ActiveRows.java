package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The rows that a graph's tasks work on: a step's rows, an encode call's tokens, or its rows of
 * logits. How many there are is known when it runs, not when it is built.
 *
 * @param header has their number, at index {@code count}
 * @param most for which there is room, and for which grids are made
 */
public record ActiveRows(IntArray header, int count, int most) {
  public ActiveRows {
    if (count < 0 || most < 1) {
      throw new IllegalArgumentException("%d rows, counted at %d".formatted(most, count));
    }
  }
}
