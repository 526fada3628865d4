package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.SwiGlu;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The activation of the MLP: one item for each element. */
final class GroupSwiGlu {
  private GroupSwiGlu() {}

  static void launch(
      KernelGraph graph, ActiveRows rows, FloatArray gateUp, Reals gated, int width) {
    int items = rows.most() * width;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.SWI_GLU),
            GroupSwiGlu::swiGlu,
            graph.context(),
            rows.header(),
            rows.count(),
            gateUp,
            gated.floats(),
            gated.halfs(),
            items,
            width,
            gated.format()),
        Grids.items(items));
  }

  static void swiGlu(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray gateUp,
      FloatArray gatedFloats,
      HalfFloatArray gatedHalfs,
      int items,
      int width,
      int format) {
    int item = context.globalIdx;
    int row = item / width;
    if (item < items && row < active.get(count)) {
      float gate = gateUp.get(item + row * width);
      float up = gateUp.get(item + row * width + width);
      Reals.set(gatedFloats, gatedHalfs, format, item, SwiGlu.gated(gate, up));
    }
  }
}
