package org.resa4j.tornado.loop;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerTasks.Norm;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** RMSNorm: one item for each row. */
final class LoopNorm {
  private LoopNorm() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            LoopNorm::rmsNorm,
            rows.header(),
            rows.count(),
            x,
            weights,
            offset,
            normed.floats(),
            rows.most(),
            norm.width(),
            norm.epsilon()),
        Grids.coarse(rows.most()));
  }

  static void launchOfChunk(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      Reals normed,
      Norm norm) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.FINAL_NORM),
            LoopNorm::chunkRmsNorm,
            rows.header(),
            rows.count(),
            x,
            weights,
            normed.floats(),
            rows.most(),
            norm.width(),
            norm.epsilon()),
        Grids.coarse(rows.most()));
  }

  /** {@code out = x / rms(x) * weight}; one item for each row. */
  static void rmsNorm(
      IntArray active,
      int count,
      FloatArray x,
      FloatArray weights,
      int weightOffset,
      FloatArray out,
      int items,
      int hidden,
      float epsilon) {
    for (@Parallel int row = 0; row < items; row++) {
      if (row < active.get(count)) {
        int base = row * hidden;
        float squares = 0;
        for (int i = 0; i < hidden; i++) {
          float value = x.get(base + i);
          squares += value * value;
        }
        float scale = 1 / TornadoMath.sqrt(squares / hidden + epsilon);
        for (int i = 0; i < hidden; i++) {
          out.set(base + i, x.get(base + i) * scale * weights.get(weightOffset + i));
        }
      }
    }
  }

  /** The tokens of a chunk that leave logits, normed; one item for each of them. */
  static void chunkRmsNorm(
      IntArray chunk,
      int count,
      FloatArray x,
      FloatArray weights,
      FloatArray out,
      int items,
      int hidden,
      float epsilon) {
    for (@Parallel int row = 0; row < items; row++) {
      if (row < chunk.get(count)) {
        int base = chunk.get(Chunk.HEADER + row * Chunk.INTS + Chunk.LOGIT_TOKEN) * hidden;
        int to = row * hidden;
        float squares = 0;
        for (int i = 0; i < hidden; i++) {
          float value = x.get(base + i);
          squares += value * value;
        }
        float scale = 1 / TornadoMath.sqrt(squares / hidden + epsilon);
        for (int i = 0; i < hidden; i++) {
          out.set(to + i, x.get(base + i) * scale * weights.get(i));
        }
      }
    }
  }
}
