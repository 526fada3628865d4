package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Token ids to the residual stream, from a quantised embedding: one item for each element. */
final class GroupPackedEmbed {
  private GroupPackedEmbed() {}

  static void launch(
      KernelGraph graph, ActiveRows rows, IntArray tokens, PackedWeights embedding, FloatArray x) {
    int items = rows.most() * embedding.inputs();
    Packing packing = embedding.packing();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.EMBED),
            GroupPackedEmbed::embed,
            graph.context(),
            rows.header(),
            rows.count(),
            tokens,
            embedding.numbers(),
            embedding.scales().floats(),
            embedding.scales().halfs(),
            x,
            items,
            embedding.inputs(),
            packing.bits(),
            packing.group(),
            packing.mins(),
            packing.offset(),
            embedding.scales().format()),
        Grids.items(items));
  }

  static void embed(
      KernelContext context,
      IntArray active,
      int count,
      IntArray tokens,
      IntArray numbers,
      FloatArray scaleFloats,
      HalfFloatArray scaleHalfs,
      FloatArray x,
      int items,
      int hidden,
      int bits,
      int group,
      int mins,
      int offset,
      int scaleFormat) {
    int item = context.globalIdx;
    int row = item / hidden;
    if (item < items && row < active.get(count)) {
      int i = item - row * hidden;
      int each = 32 / bits;
      int token = tokens.get(row);
      int packed = numbers.get(token * (hidden / each) + i / each);
      int s = (token * (hidden / group) + i / group) * (1 + mins);
      float value =
          Reals.get(scaleFloats, scaleHalfs, scaleFormat, s)
              * (Packing.number(packed, i % each, bits) - offset);
      if (mins == 1) {
        value -= Reals.get(scaleFloats, scaleHalfs, scaleFormat, s + 1);
      }
      x.set(item, value);
    }
  }
}
