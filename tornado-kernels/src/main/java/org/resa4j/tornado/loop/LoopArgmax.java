package org.resa4j.tornado.loop;

import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.Highest;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The highest logit of each row: first of parts of the vocabulary, then of those. */
final class LoopArgmax {
  private LoopArgmax() {}

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
            LoopArgmax::argmaxParts,
            rows.header(),
            rows.count(),
            logits,
            best,
            items,
            Highest.PARTS,
            vocabulary),
        Grids.coarse(items));
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ARGMAX),
            LoopArgmax::argmax,
            rows.header(),
            rows.count(),
            logits,
            best,
            chosen,
            rows.most(),
            Highest.PARTS,
            vocabulary),
        Grids.coarse(rows.most()));
  }

  /** The highest logit of each part of the vocabulary; one item for each row and part. */
  static void argmaxParts(
      IntArray active,
      int count,
      FloatArray logits,
      IntArray best,
      int items,
      int parts,
      int vocabulary) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / parts;
      if (row < active.get(count)) {
        best.set(
            item, Highest.highest(logits, row * vocabulary, item - row * parts, parts, vocabulary));
      }
    }
  }

  /**
   * The highest of the parts' highest, the lowest id of equals; -1 if one of them is. One item for
   * each row.
   */
  static void argmax(
      IntArray active,
      int count,
      FloatArray logits,
      IntArray best,
      IntArray chosen,
      int items,
      int parts,
      int vocabulary) {
    for (@Parallel int row = 0; row < items; row++) {
      if (row < active.get(count)) {
        int index = best.get(row * parts);
        float highest = Highest.logit(logits, row * vocabulary, index);
        for (int part = 1; part < parts; part++) {
          int other = best.get(row * parts + part);
          float logit = Highest.logit(logits, row * vocabulary, other);
          if (logit > highest) {
            highest = logit;
            index = other;
          }
        }
        chosen.set(row, index);
      }
    }
  }
}
