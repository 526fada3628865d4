package org.resa4j.engine.jvm;

/**
 * Stage 3: keeps the blocks with the highest scores.
 *
 * <p>The last {@code local} blocks score +inf; equal scores go to the lower block; the result is
 * ascending.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.2, block selection</a>
 */
final class Select {
  private Select() {}

  /**
   * Selects among {@code blocks} blocks.
   *
   * @param scores {@code [block]} from {@code offset}; the local ones are overwritten with +inf
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
    for (int i = blocks - local; i < blocks; i++) {
      scores[offset + i] = Float.POSITIVE_INFINITY;
    }
    System.arraycopy(scores, offset, scratch, 0, blocks);
    float cut = nthHighest(scratch, blocks, keep);
    int above = 0;
    for (int i = 0; i < blocks; i++) {
      if (scores[offset + i] > cut) {
        above++;
      }
    }
    int atCut = keep - above;
    int n = to;
    for (int i = 0; i < blocks; i++) {
      float score = scores[offset + i];
      if (score > cut || (score == cut && atCut-- > 0)) {
        selected[n++] = i;
      }
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
