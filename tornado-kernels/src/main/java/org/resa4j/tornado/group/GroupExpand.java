package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import org.resa4j.tornado.layer.PlainWeights;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Quantised weights to plain ones, for products of so many rows that this is little beside them.
 * Items write side by side; an int that several of them need is read once.
 */
final class GroupExpand {
  private static final int ITEMS = 128;

  /** Elements of an item, {@link #ITEMS} apart. */
  private static final int SHARE = 4;

  private GroupExpand() {}

  /**
   * @param scratch at least as large as the matrix
   * @return the matrix there
   */
  static PlainWeights launch(KernelGraph graph, Stage stage, PackedWeights weights, Reals scratch) {
    Packing packing = weights.packing();
    int elements = weights.outputs() * weights.inputs();
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "Expand" + packing.id()),
            GroupExpand::expand,
            graph.context(),
            weights.numbers(),
            weights.scales().floats(),
            weights.scales().halfs(),
            scratch.floats(),
            scratch.halfs(),
            elements,
            packing.bits(),
            packing.group(),
            packing.mins(),
            packing.offset(),
            weights.scales().format(),
            scratch.format()),
        Grids.groups(Math.ceilDiv(elements, SHARE * ITEMS), ITEMS));
    return new PlainWeights(scratch, weights.outputs(), weights.inputs());
  }

  /** {@code to[i] = scale · number[i] − min}. Rows are whole groups, and so count as one. */
  static void expand(
      KernelContext context,
      IntArray numbers,
      FloatArray scaleFloats,
      HalfFloatArray scaleHalfs,
      FloatArray toFloats,
      HalfFloatArray toHalfs,
      int elements,
      int bits,
      int group,
      int mins,
      int offset,
      int scaleFormat,
      int toFormat) {
    int first = context.groupIdx * (SHARE * ITEMS) + context.localIdx;
    int each = 32 / bits;
    for (int u = 0; u < SHARE; u++) {
      int i = first + u * ITEMS;
      if (i < elements) {
        int packed = numbers.get(i / each);
        int s = i / group * (1 + mins);
        float value =
            Reals.get(scaleFloats, scaleHalfs, scaleFormat, s)
                * (Packing.number(packed, i % each, bits) - offset);
        if (mins == 1) {
          value -= Reals.get(scaleFloats, scaleHalfs, scaleFormat, s + 1);
        }
        Reals.set(toFloats, toHalfs, toFormat, i, value);
      }
    }
  }
}
