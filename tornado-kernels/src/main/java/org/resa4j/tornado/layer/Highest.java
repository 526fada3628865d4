package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** How the kernels of argmax find the highest logit, and that one is no number. */
public final class Highest {
  /** Parts of the vocabulary whose highest logits are found in parallel. */
  public static final int PARTS = 256;

  /** No finite logit is this large. */
  private static final float LARGEST = Float.MAX_VALUE;

  private Highest() {}

  /**
   * Id of the highest logit of a part of the row that begins at {@code base}; -1 if one of the part
   * is NaN or infinite.
   */
  public static int highest(FloatArray logits, int base, int part, int parts, int vocabulary) {
    int size = (vocabulary + parts - 1) / parts;
    int first = TornadoMath.min(part * size, vocabulary - 1);
    int end = TornadoMath.max(first + 1, TornadoMath.min(vocabulary, (part + 1) * size));
    int index = first;
    float highest = logits.get(base + first);
    int finite = 0;
    for (int i = first; i < end; i++) {
      float logit = logits.get(base + i);
      // Counted where true: of an unordered comparison's negation back ends make what they like.
      if (TornadoMath.abs(logit) < LARGEST) {
        finite = finite + 1;
      }
      if (logit > highest) {
        highest = logit;
        index = i;
      }
    }
    if (finite < end - first) {
      index = -1;
    }
    return index;
  }

  /** The logit of a part's id, above all numbers for -1. */
  public static float logit(FloatArray logits, int base, int id) {
    float logit = LARGEST;
    if (id >= 0) {
      logit = logits.get(base + id);
    }
    return logit;
  }
}
