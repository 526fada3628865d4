package org.resa4j.tornado.loop;

import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Scores;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Select: the local blocks and the highest scores, equal scores by lower index, ascending. */
final class LoopSelect {
  private LoopSelect() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.sequences() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.SELECT),
            LoopSelect::selectBlocks,
            work.rows(),
            work.scores(),
            work.selected(),
            items,
            layout.shape().kvHeads(),
            layout.blockSize(),
            layout.blockCapacity()),
        Grids.coarse(items));
  }

  /**
   * One item for each row and KV head. The cut between kept and dropped scores is found by
   * bisection on their values: exact, without a sort, each round one pass over the scores. Whatever
   * the scores are, as many blocks as wanted come out, ascending and each once.
   */
  static void selectBlocks(
      IntArray rows,
      FloatArray scores,
      IntArray selected,
      int items,
      int kvHeads,
      int blockSize,
      int blockCapacity) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / kvHeads;
      if (row < rows.get(Rows.COUNT)) {
        int at = Rows.HEADER + row * Rows.INTS;
        int blocks = rows.get(at + Rows.POSITION) / blockSize + 1;
        int local = rows.get(at + Rows.LOCAL_BLOCKS);
        int scored = blocks - local;
        int keep = rows.get(at + Rows.KEEP_BLOCKS) - local;
        int base = item * blockCapacity;

        // Invariant: at least `keep` scores are >= low; `above`, fewer than `keep`, are >= high.
        float low = 0;
        float high = 0;
        int above = 0;
        if (scored > 0) {
          low = Scores.finite(scores.get(base));
          high = low;
          for (int i = 1; i < scored; i++) {
            float score = Scores.finite(scores.get(base + i));
            low = TornadoMath.min(low, score);
            high = TornadoMath.max(high, score);
          }
          // Just above the highest score, so that none is >= high.
          high = Scores.above(high);
        }
        boolean search = keep > 0 && keep < scored;
        for (int round = 0; search && round < Scores.MAX_ROUNDS; round++) {
          float middle = low * 0.5f + high * 0.5f;
          if (middle > low && middle < high) {
            int count = 0;
            for (int i = 0; i < scored; i++) {
              if (Scores.finite(scores.get(base + i)) >= middle) {
                count++;
              }
            }
            if (count > keep) {
              low = middle;
            } else {
              high = middle;
              above = count;
              if (count == keep) {
                search = false;
              }
            }
          } else {
            search = false;
          }
        }

        int ties = keep - above;
        int wanted = keep;
        int next = base;
        for (int i = 0; i < blocks; i++) {
          boolean take = i >= scored;
          if (!take && wanted > 0) {
            float score = Scores.finite(scores.get(base + i));
            if (score >= high) {
              take = true;
            } else if (score >= low && ties > 0) {
              take = true;
              ties--;
            } else if (scored - i <= wanted) {
              // A NaN hides a block that was counted; as many as wanted are taken all the same.
              take = true;
            }
            if (take) {
              wanted--;
            }
          }
          if (take) {
            selected.set(next, i);
            next++;
          }
        }
      }
    }
  }
}
