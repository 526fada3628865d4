package org.resa4j.tornado.group;

import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks.Heads;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What is done to queries, keys and values before attention: one work-group for each row and head.
 */
final class GroupRotate {
  /** Work-items that share a head. */
  private static final int ITEMS = 64;

  private GroupRotate() {}

  static void launch(
      KernelGraph graph,
      ActiveRows rows,
      Heads heads,
      FloatArray qkv,
      FloatArray angles,
      LayerArrays weights,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    int items = rows.most() * (heads.count() + 2 * heads.kvCount());
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ROTATE),
            GroupRotate::rotateHeads,
            graph.context(),
            rows.header(),
            rows.count(),
            qkv,
            angles,
            weights.vectors(),
            weights.offsets().qkvBias(),
            weights.offsets().headNorms(),
            query,
            newKey,
            newValue,
            heads.count(),
            heads.kvCount(),
            heads.width(),
            heads.epsilon()),
        Grids.groups(items, ITEMS));
  }

  /**
   * Bias, RMSNorm of each query and key head, and rotary embedding, each where the architecture has
   * it.
   *
   * @param qkv {@code [row][Hq + 2 Hkv][d]}
   * @param angles {@code [row][2][d/2]}, cosines then sines
   * @param vectors the layer's small weights
   * @param biasOffset where the biases {@code [Hq + 2 Hkv][d]} begin, or -1
   * @param queryNormOffset where the query norm {@code [d]} begins, the key norm after it, or -1
   */
  static void rotateHeads(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray qkv,
      FloatArray angles,
      FloatArray vectors,
      int biasOffset,
      int queryNormOffset,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue,
      int heads,
      int kvHeads,
      int headDim,
      float epsilon) {
    float[] sums = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int all = heads + 2 * kvHeads;
    int row = context.groupIdx / all;
    int head = context.groupIdx - row * all;
    if (row < active.get(count)) {
      int from = context.groupIdx * headDim;
      int bias = biasOffset + head * headDim;
      int norm = queryNormOffset;
      if (head >= heads) {
        norm = queryNormOffset + headDim;
      }
      int normed = 0;
      if (queryNormOffset >= 0 && head < heads + kvHeads) {
        normed = 1;
      }
      float scale = 1;
      if (normed == 1) {
        float squares = 0;
        for (int j = item; j < headDim; j += ITEMS) {
          float x = qkv.get(from + j);
          if (biasOffset >= 0) {
            x += vectors.get(bias + j);
          }
          squares += x * x;
        }
        sums[item] = squares;
        context.localBarrier();
        float total = 0;
        for (int i = 0; i < ITEMS; i++) {
          total += sums[i];
        }
        scale = 1 / TornadoMath.sqrt(total / headDim + epsilon);
      }
      int half = headDim / 2;
      for (int j = item; j < half; j += ITEMS) {
        float a = qkv.get(from + j);
        float b = qkv.get(from + half + j);
        if (biasOffset >= 0) {
          a += vectors.get(bias + j);
          b += vectors.get(bias + half + j);
        }
        if (normed == 1) {
          a = a * scale * vectors.get(norm + j);
          b = b * scale * vectors.get(norm + half + j);
        }
        if (head >= heads + kvHeads) {
          int to = (row * kvHeads + head - heads - kvHeads) * headDim + j;
          newValue.set(to, a);
          newValue.set(to + half, b);
        } else {
          float cos = angles.get(row * headDim + j);
          float sin = angles.get(row * headDim + half + j);
          if (head >= heads) {
            int to = (row * kvHeads + head - heads) * headDim + j;
            newKey.set(to, a * cos - b * sin);
            newKey.set(to + half, b * cos + a * sin);
          } else {
            int to = (row * heads + head) * headDim + j;
            query.set(to, a * cos - b * sin);
            query.set(to + half, b * cos + a * sin);
          }
        }
      }
    }
  }
}
