package org.resa4j.tornado.group;

import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Copies what was sent to where it stays between graphs. */
final class GroupReceive {
  private GroupReceive() {}

  static void launch(KernelGraph graph, String part, IntArray sent, IntArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.RECEIVE, part),
            GroupReceive::ints,
            graph.context(),
            sent,
            resident,
            items),
        Grids.items(items));
  }

  static void launch(KernelGraph graph, String part, FloatArray sent, FloatArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.RECEIVE, part),
            GroupReceive::floats,
            graph.context(),
            sent,
            resident,
            items),
        Grids.items(items));
  }

  static void ints(KernelContext context, IntArray sent, IntArray resident, int items) {
    int i = context.globalIdx;
    if (i < items) {
      resident.set(i, sent.get(i));
    }
  }

  static void floats(KernelContext context, FloatArray sent, FloatArray resident, int items) {
    int i = context.globalIdx;
    if (i < items) {
      resident.set(i, sent.get(i));
    }
  }
}
