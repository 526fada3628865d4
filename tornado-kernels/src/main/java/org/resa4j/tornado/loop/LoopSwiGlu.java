package org.resa4j.tornado.loop;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.SwiGlu;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The activation of the MLP: one item for each element. */
final class LoopSwiGlu {
  private LoopSwiGlu() {}

  static void launch(
      KernelGraph graph, ActiveRows rows, FloatArray gateUp, Reals gated, int width) {
    int items = rows.most() * width;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.SWI_GLU),
            LoopSwiGlu::swiGlu,
            rows.header(),
            rows.count(),
            gateUp,
            gated.floats(),
            items,
            width),
        Grids.fine(items));
  }

  /**
   * {@code output = silu(gate) * up}.
   *
   * @param gateUp {@code [row][2][intermediate]}: gate, then up
   * @param items {@code rows * intermediate}
   */
  static void swiGlu(
      IntArray active, int count, FloatArray gateUp, FloatArray output, int items, int width) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / width;
      if (row < active.get(count)) {
        float gate = gateUp.get(item + row * width);
        float up = gateUp.get(item + row * width + width);
        output.set(item, SwiGlu.gated(gate, up));
      }
    }
  }
}
