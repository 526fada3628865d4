package org.resa4j.tornado.group;

import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Scores;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Select: the last local blocks and the highest scores of the others, ascending, equal scores to
 * the lower index.
 *
 * <p>One work-group for each row and KV head. A 4-ary search on values finds a cut that the wanted
 * number of scores exceeds; where scores tie at the cut, it ends at the tied score, and the first
 * of the tied fill up. Prefix sums then place each block, so there is neither a sort nor an atomic.
 *
 * <p>Whatever the scores are, as many blocks as wanted come out, ascending and each once.
 *
 * <p>Sums over the work-group are taken in two stages: teams of {@link #TEAM} items, then the
 * teams. Rows of a team have an odd length, to keep the banks apart.
 *
 * <p>Measured on an NVIDIA H200 under a CUDA graph, 32 rows with work-groups of 512: 0.018 ms for
 * 410 of 4096 blocks, 0.044 ms for 1639 of 16384. Work-groups of 256 and of 1024 were slower.
 */
final class GroupSelect {
  /** The most work-items of a work-group; a multiple of {@link #TEAM}. */
  static final int MAX_ITEMS = 1024;

  static final int TEAM = 32;

  private static final int MAX_TEAMS = MAX_ITEMS / TEAM;
  private static final int STRIDE = TEAM + 1;

  /**
   * Two counts in an int, the second this many times its value. Only for counts up to {@link
   * #MAX_ITEMS}: TornadoVM prints {@code >>>} as a shift of signed numbers, and leaves out masks
   * that after {@code >>>} change nothing.
   */
  private static final int SECOND = 65536;

  private GroupSelect() {}

  /**
   * @param items work-items of a work-group
   */
  static void launch(KernelGraph graph, AttentionBuffers buffers, int items) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int kvHeads = layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.SELECT),
            GroupSelect::selectBlocks,
            graph.context(),
            work.rows(),
            work.scores(),
            work.selected(),
            items,
            kvHeads,
            layout.blockSize(),
            layout.blockCapacity()),
        Grids.groups(layout.sequences() * kvHeads, items));
  }

  /** Work-groups of {@code items}, all of which have to fit on a compute unit at once. */
  static void selectBlocks(
      KernelContext context,
      IntArray rows,
      FloatArray scores,
      IntArray selected,
      int items,
      int kvHeads,
      int blockSize,
      int blockCapacity) {
    float[] low = context.allocateFloatLocalArray(MAX_TEAMS * STRIDE);
    float[] high = context.allocateFloatLocalArray(MAX_TEAMS * STRIDE);
    int[] counts = context.allocateIntLocalArray(MAX_TEAMS * STRIDE);
    int[] lowerCounts = context.allocateIntLocalArray(MAX_TEAMS * STRIDE);
    int[] upperCounts = context.allocateIntLocalArray(MAX_TEAMS * STRIDE);
    int[] teamCounts = context.allocateIntLocalArray(3 * MAX_TEAMS);
    float[] teamLow = context.allocateFloatLocalArray(MAX_TEAMS);
    float[] teamHigh = context.allocateFloatLocalArray(MAX_TEAMS);
    int item = context.localIdx;
    int team = item / TEAM;
    int member = item - team * TEAM;
    int mine = team * STRIDE + member;
    int row = context.groupIdx / kvHeads;
    int at = Rows.HEADER + row * Rows.INTS;
    if (row < rows.get(Rows.COUNT)) {
      int base = context.groupIdx * blockCapacity;
      int blocks = rows.get(at + Rows.POSITION) / blockSize + 1;
      int local = rows.get(at + Rows.LOCAL_BLOCKS);
      int others = blocks - local;
      int wanted = rows.get(at + Rows.KEEP_BLOCKS) - local;

      float least = Scores.finite(scores.get(base));
      float most = least;
      for (int i = item; i < others; i += items) {
        float score = Scores.finite(scores.get(base + i));
        least = TornadoMath.min(least, score);
        most = TornadoMath.max(most, score);
      }
      low[mine] = least;
      high[mine] = most;
      context.localBarrier();
      if (item < items / TEAM) {
        for (int i = 0; i < TEAM; i++) {
          least = TornadoMath.min(least, low[item * STRIDE + i]);
          most = TornadoMath.max(most, high[item * STRIDE + i]);
        }
        teamLow[item] = least;
        teamHigh[item] = most;
      }
      context.localBarrier();
      // Of the same values in the same order, so that all items agree even where some are NaN.
      least = teamLow[0];
      most = teamHigh[0];
      for (int i = 1; i < items / TEAM; i++) {
        least = TornadoMath.min(least, teamLow[i]);
        most = TornadoMath.max(most, teamHigh[i]);
      }

      // More than wanted, or as many, exceed the floor; fewer than wanted exceed the ceiling.
      float floor = Scores.below(least);
      float ceiling = most;
      int aboveFloor = others;
      int aboveCeiling = 0;
      float middle = floor * 0.5f + ceiling * 0.5f;
      // One condition for the loop: barriers inside want a plain one.
      int unsettled = unsettled(aboveFloor, wanted, floor, middle, ceiling);
      int rounds = 0;
      while (unsettled == 1) {
        // Means of two, which stay between them.
        float lower = floor * 0.5f + middle * 0.5f;
        float upper = middle * 0.5f + ceiling * 0.5f;
        int aboveLower = 0;
        int aboveMiddle = 0;
        int aboveUpper = 0;
        for (int i = item; i < others; i += items) {
          float score = Scores.finite(scores.get(base + i));
          if (score > lower) {
            aboveLower = aboveLower + 1;
          }
          if (score > middle) {
            aboveMiddle = aboveMiddle + 1;
          }
          if (score > upper) {
            aboveUpper = aboveUpper + 1;
          }
        }
        lowerCounts[mine] = aboveLower;
        counts[mine] = aboveMiddle;
        upperCounts[mine] = aboveUpper;
        context.localBarrier();
        if (item < items / TEAM) {
          int lowerSum = 0;
          int sum = 0;
          int upperSum = 0;
          for (int i = 0; i < TEAM; i++) {
            lowerSum += lowerCounts[item * STRIDE + i];
            sum += counts[item * STRIDE + i];
            upperSum += upperCounts[item * STRIDE + i];
          }
          teamCounts[item] = sum;
          teamCounts[MAX_TEAMS + item] = upperSum;
          teamCounts[2 * MAX_TEAMS + item] = lowerSum;
        }
        context.localBarrier();
        aboveLower = 0;
        aboveMiddle = 0;
        aboveUpper = 0;
        for (int i = 0; i < items / TEAM; i++) {
          aboveMiddle += teamCounts[i];
          aboveUpper += teamCounts[MAX_TEAMS + i];
          aboveLower += teamCounts[2 * MAX_TEAMS + i];
        }
        if (aboveUpper >= wanted) {
          floor = upper;
          aboveFloor = aboveUpper;
        } else if (aboveMiddle >= wanted) {
          floor = middle;
          aboveFloor = aboveMiddle;
          ceiling = upper;
          aboveCeiling = aboveUpper;
        } else if (aboveLower >= wanted) {
          floor = lower;
          aboveFloor = aboveLower;
          ceiling = middle;
          aboveCeiling = aboveMiddle;
        } else {
          ceiling = lower;
          aboveCeiling = aboveLower;
        }
        middle = floor * 0.5f + ceiling * 0.5f;
        unsettled = unsettled(aboveFloor, wanted, floor, middle, ceiling);
        rounds = rounds + 1;
        if (rounds == Scores.MAX_ROUNDS) {
          unsettled = 0;
        }
      }

      // Without a cut between scores, the ceiling is the tied score.
      float cut = ceiling;
      int fromTied = wanted - aboveCeiling;
      if (aboveFloor == wanted) {
        cut = floor;
        fromTied = 0;
      }
      int fromAbove = wanted - fromTied;
      // As many scores at a time as there are items; before them, so many above and so many tied.
      int above = 0;
      int tied = 0;
      for (int first = 0; first < others; first += items) {
        int i = first + item;
        int flag = 0;
        if (i < others) {
          float score = Scores.finite(scores.get(base + i));
          if (score > cut) {
            flag = 1;
          }
          if (score == cut) {
            flag = SECOND;
          }
        }
        // The sums of the last round are read by now, its flags by all who pass the next barrier.
        context.localBarrier();
        counts[mine] = flag;
        context.localBarrier();
        if (item < items / TEAM) {
          int sum = 0;
          for (int k = 0; k < TEAM; k++) {
            sum += counts[item * STRIDE + k];
          }
          teamCounts[item] = sum;
        }
        context.localBarrier();
        int before = 0;
        int all = 0;
        for (int k = 0; k < items / TEAM; k++) {
          int sum = teamCounts[k];
          all += sum;
          if (k < team) {
            before += sum;
          }
        }
        for (int k = 0; k < TEAM; k++) {
          if (k < member) {
            before += counts[team * STRIDE + k];
          }
        }
        int aboveBefore = above + (before & (SECOND - 1));
        int tiedBefore = tied + (before >> 16);
        int to = base + aboveBefore + TornadoMath.min(tiedBefore, fromTied);
        if (flag == 1) {
          if (aboveBefore < fromAbove) {
            selected.set(to, i);
          }
        }
        if (flag == SECOND) {
          if (tiedBefore < fromTied) {
            selected.set(to, i);
          }
        }
        above += all & (SECOND - 1);
        tied += all >> 16;
      }
      // NaN compares as it likes under relaxed arithmetic. Where it hides blocks that were counted,
      // the latest are as good as any.
      int missing = 0;
      if (above < fromAbove) {
        missing = 1;
      }
      if (tied < fromTied) {
        missing = 1;
      }
      if (missing == 1) {
        context.globalBarrier();
        for (int i = item; i < wanted; i += items) {
          selected.set(base + i, others - wanted + i);
        }
      }
      for (int i = item; i < local; i += items) {
        selected.set(base + wanted + i, others + i);
      }
    }
  }

  /**
   * 1 as long as neither as many as wanted exceed the floor nor floor and ceiling are neighbours.
   */
  private static int unsettled(
      int aboveFloor, int wanted, float floor, float middle, float ceiling) {
    int unsettled = 1;
    if (aboveFloor == wanted) {
      unsettled = 0;
    }
    if (middle <= floor) {
      unsettled = 0;
    }
    if (middle >= ceiling) {
      unsettled = 0;
    }
    return unsettled;
  }
}
