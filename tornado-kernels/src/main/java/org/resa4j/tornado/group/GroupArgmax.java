package org.resa4j.tornado.group;

import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.Highest;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The highest logit of each row: first of parts of the vocabulary, then of those. */
final class GroupArgmax {
  private GroupArgmax() {}

  static void launch(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray logits,
      IntArray best,
      IntArray chosen,
      int vocabulary) {
    int items = rows.most() * Highest.PARTS;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ARGMAX, "Parts"),
            GroupArgmax::argmaxParts,
            graph.context(),
            rows.header(),
            rows.count(),
            logits,
            best,
            items,
            Highest.PARTS,
            vocabulary),
        Grids.items(items));
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ARGMAX),
            GroupArgmax::argmax,
            graph.context(),
            rows.header(),
            rows.count(),
            logits,
            best,
            chosen,
            Highest.PARTS,
            vocabulary),
        Grids.groups(rows.most(), Highest.PARTS));
  }

  static void argmaxParts(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray logits,
      IntArray best,
      int items,
      int parts,
      int vocabulary) {
    int item = context.globalIdx;
    int row = item / parts;
    if (item < items && row < active.get(count)) {
      best.set(
          item, Highest.highest(logits, row * vocabulary, item - row * parts, parts, vocabulary));
    }
  }

  /** As {@link LayerKernels#argmax}; one work-group of {@code parts} items for each row. */
  static void argmax(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray logits,
      IntArray best,
      IntArray chosen,
      int parts,
      int vocabulary) {
    float[] highest = context.allocateFloatLocalArray(Highest.PARTS);
    int[] ids = context.allocateIntLocalArray(Highest.PARTS);
    int item = context.localIdx;
    int row = context.groupIdx;
    if (row < active.get(count)) {
      int own = best.get(row * parts + item);
      ids[item] = own;
      highest[item] = Highest.logit(logits, row * vocabulary, own);
      context.localBarrier();
      for (int stride = parts / 2; stride > 0; stride = stride / 2) {
        if (item < stride) {
          float mine = highest[item];
          float other = highest[item + stride];
          int id = ids[item + stride];
          if (other > mine || other == mine && id < ids[item]) {
            highest[item] = other;
            ids[item] = id;
          }
        }
        context.localBarrier();
      }
      if (item == 0) {
        chosen.set(row, ids[0]);
      }
    }
  }
}
