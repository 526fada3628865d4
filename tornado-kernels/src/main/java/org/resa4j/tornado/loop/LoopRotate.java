package org.resa4j.tornado.loop;

import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks.Heads;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What is done to queries, keys and values before attention: one item for each row and head. */
final class LoopRotate {
  private LoopRotate() {}

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
            LoopRotate::rotateHeads,
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
            items,
            heads.count(),
            heads.kvCount(),
            heads.width(),
            heads.epsilon()),
        Grids.coarse(items));
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
      int items,
      int heads,
      int kvHeads,
      int headDim,
      float epsilon) {
    for (@Parallel int item = 0; item < items; item++) {
      int all = heads + 2 * kvHeads;
      int row = item / all;
      int head = item - row * all;
      if (row < active.get(count)) {
        int from = item * headDim;
        if (biasOffset >= 0) {
          int bias = biasOffset + head * headDim;
          for (int j = 0; j < headDim; j++) {
            qkv.set(from + j, qkv.get(from + j) + vectors.get(bias + j));
          }
        }
        if (queryNormOffset >= 0 && head < heads + kvHeads) {
          int norm = queryNormOffset;
          if (head >= heads) {
            norm = queryNormOffset + headDim;
          }
          float squares = 0;
          for (int j = 0; j < headDim; j++) {
            float value = qkv.get(from + j);
            squares += value * value;
          }
          float scale = 1 / TornadoMath.sqrt(squares / headDim + epsilon);
          for (int j = 0; j < headDim; j++) {
            qkv.set(from + j, qkv.get(from + j) * scale * vectors.get(norm + j));
          }
        }
        int half = headDim / 2;
        if (head >= heads + kvHeads) {
          int to = (row * kvHeads + head - heads - kvHeads) * headDim;
          for (int j = 0; j < headDim; j++) {
            newValue.set(to + j, qkv.get(from + j));
          }
        } else if (head >= heads) {
          int to = (row * kvHeads + head - heads) * headDim;
          for (int j = 0; j < half; j++) {
            float cos = angles.get(row * headDim + j);
            float sin = angles.get(row * headDim + half + j);
            float a = qkv.get(from + j);
            float b = qkv.get(from + half + j);
            newKey.set(to + j, a * cos - b * sin);
            newKey.set(to + half + j, b * cos + a * sin);
          }
        } else {
          int to = (row * heads + head) * headDim;
          for (int j = 0; j < half; j++) {
            float cos = angles.get(row * headDim + j);
            float sin = angles.get(row * headDim + half + j);
            float a = qkv.get(from + j);
            float b = qkv.get(from + half + j);
            query.set(to + j, a * cos - b * sin);
            query.set(to + half + j, b * cos + a * sin);
          }
        }
      }
    }
  }
}
