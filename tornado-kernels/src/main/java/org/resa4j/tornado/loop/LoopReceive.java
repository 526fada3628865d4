package org.resa4j.tornado.loop;

import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Copies what was sent to where it stays between graphs. */
final class LoopReceive {
  private LoopReceive() {}

  static void launch(KernelGraph graph, String part, IntArray sent, IntArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.RECEIVE, part), LoopReceive::ints, sent, resident, items),
        Grids.fine(items));
  }

  static void launch(KernelGraph graph, String part, FloatArray sent, FloatArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.RECEIVE, part), LoopReceive::floats, sent, resident, items),
        Grids.fine(items));
  }

  static void ints(IntArray sent, IntArray resident, int items) {
    for (@Parallel int i = 0; i < items; i++) {
      resident.set(i, sent.get(i));
    }
  }

  static void floats(FloatArray sent, FloatArray resident, int items) {
    for (@Parallel int i = 0; i < items; i++) {
      resident.set(i, sent.get(i));
    }
  }
}
