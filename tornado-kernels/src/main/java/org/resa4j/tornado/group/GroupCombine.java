package org.resa4j.tornado.group;

import org.resa4j.tornado.AttentionBuffers.Chunk;
import org.resa4j.tornado.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The last part of attend and encode: the splits' results brought to one maximum and added. */
final class GroupCombine {
  private GroupCombine() {}

  /**
   * One work-group of d items for each row and query head.
   *
   * @param partial {@code [row][Hq][split][d]}
   * @param partialSums {@code [row][Hq][split][2]}, maximum and sum
   * @param output {@code [row][Hq][d]}
   */
  static void combine(
      KernelContext context,
      IntArray rows,
      FloatArray partial,
      FloatArray partialSums,
      FloatArray output,
      int mode,
      int splits,
      int heads,
      int headDim) {
    int head = context.groupIdx;
    int item = context.localIdx;
    int count = mode == GroupAttend.CAUSAL ? rows.get(Chunk.COUNT) : rows.get(Rows.COUNT);
    if (head / heads < count) {
      float maximum = GroupAttend.NO_SCORE;
      for (int s = 0; s < splits; s++) {
        maximum = TornadoMath.max(maximum, partialSums.get((head * splits + s) * 2));
      }
      float sum = 0;
      float weighted = 0;
      for (int s = 0; s < splits; s++) {
        int at = head * splits + s;
        float weight = TornadoMath.exp(partialSums.get(at * 2) - maximum);
        sum += partialSums.get(at * 2 + 1) * weight;
        weighted += partial.get(at * headDim + item) * weight;
      }
      output.set(head * headDim + item, weighted / sum);
    }
  }
}
