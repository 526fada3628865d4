package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Token ids to the residual stream: one item for each element. */
final class GroupEmbed {
  private GroupEmbed() {}

  static void launch(
      KernelGraph graph, ActiveRows rows, IntArray tokens, PlainWeights embedding, FloatArray x) {
    int items = rows.most() * embedding.inputs();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.EMBED),
            GroupEmbed::embed,
            graph.context(),
            rows.header(),
            rows.count(),
            tokens,
            embedding.values().floats(),
            embedding.values().halfs(),
            x,
            items,
            embedding.inputs(),
            embedding.values().format()),
        Grids.items(items));
  }

  static void embed(
      KernelContext context,
      IntArray active,
      int count,
      IntArray tokens,
      FloatArray embeddingFloats,
      HalfFloatArray embeddingHalfs,
      FloatArray x,
      int items,
      int hidden,
      int format) {
    int item = context.globalIdx;
    int row = item / hidden;
    if (item < items && row < active.get(count)) {
      x.set(
          item,
          Reals.get(
              embeddingFloats,
              embeddingHalfs,
              format,
              tokens.get(row) * hidden + item - row * hidden));
    }
  }
}
