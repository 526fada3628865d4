package org.resa4j.engine.jvm;

/**
 * Stage 3: keeps the blocks with the highest scores.
 *
 * <p>The last {@code local} blocks are kept whatever the others score; equal scores go to the lower
 * block, a NaN is the lowest; the result is ascending.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.2, block selection</a>
 */
final class Select {
  private Select() {}

  /**
   * Selects among {@code blocks} blocks.
   *
   * @param scores {@code [block]} from {@code offset}; the local ones are overwritten with +inf,
   *     those that are NaN with -inf
   * @param keep blocks to keep, from {@code local} to {@code blocks}
   * @param scratch at least {@code blocks} long
   * @param selected {@code [keep]} from {@code to}, written
   */
  static void select(
      float[] scores,
      int offset,
      int blocks,
      int local,
      int keep,
      float[] scratch,
      int[] selected,
      int to) {
    int others = blocks - local;
    for (int i = 0; i < others; i++) {
      float score = scores[offset + i];
      // Else no comparison would be true, and fewer blocks than wanted taken.
      scores[offset + i] = Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score;
    }
    int n = to;
    if (keep > local) {
      System.arraycopy(scores, offset, scratch, 0, others);
      float cut = nthHighest(scratch, others, keep - local);
      int atCut = keep - local;
      for (int i = 0; i < others; i++) {
        if (scores[offset + i] > cut) {
          atCut--;
        }
      }
      for (int i = 0; i < others; i++) {
        float score = scores[offset + i];
        if (score > cut || (score == cut && atCut-- > 0)) {
          selected[n++] = i;
        }
      }
    }
    for (int i = others; i < blocks; i++) {
      scores[offset + i] = Float.POSITIVE_INFINITY;
      selected[n++] = i;
    }
  }

  /**
   * The {@code n}-th highest value, by quickselect with the median of three as pivot; reorders
   * {@code x}.
   */
  private static float nthHighest(float[] x, int count, int n) {
    int low = 0;
    int high = count - 1;
    int target = n - 1;
    while (low < high) {
      float pivot = medianOfThree(x[low], x[(low + high) >>> 1], x[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (x[i] > pivot) {
          i++;
        }
        while (x[j] < pivot) {
          j--;
        }
        if (i <= j) {
          float swapped = x[i];
          x[i++] = x[j];
          x[j--] = swapped;
        }
      }
      if (target <= j) {
        high = j;
      } else if (target >= i) {
        low = i;
      } else {
        return x[target];
      }
    }
    return x[target];
  }

  private static float medianOfThree(float a, float b, float c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
