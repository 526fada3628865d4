package org.resa4j.tornado.loop;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.EightBits;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Attend: softmax(q k / sqrt(d)) v over the kept blocks, in splits that are then combined. */
final class LoopAttend {
  /**
   * Stands for a maximum over no score: finite, since the device may compute without infinities.
   */
  static final float NO_SCORE = -1e30f;

  /** Largest group times head dimension, and largest block: sizes of private arrays. */
  static final int MAX_GROUP_VALUES = 2048;

  static final int MAX_GROUP = 64;
  static final int MAX_BLOCK = 256;

  private LoopAttend() {}

  /** Attends, and combines the splits. */
  static void launch(KernelGraph graph, AttentionBuffers buffers, boolean dense) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    AttentionShape shape = layout.shape();
    int items = layout.sequences() * shape.kvHeads() * layout.stepSplits();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ATTEND),
            LoopAttend::attend,
            work.rows(),
            work.tables(),
            work.query(),
            buffers.cache().key().floats(),
            buffers.cache().key().numbers(),
            buffers.cache().value().floats(),
            buffers.cache().value().numbers(),
            work.selected(),
            work.partial(),
            work.partialSums(),
            (dense ? 1 : 0) + 2 * buffers.cache().key().format(),
            items,
            layout.stepSplits(),
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        Grids.coarse(items));
    int outputs = layout.sequences() * shape.heads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ATTEND, "Combine"),
            LoopAttend::combine,
            work.rows(),
            work.partial(),
            work.partialSums(),
            work.output().floats(),
            outputs,
            layout.stepSplits(),
            shape.heads(),
            shape.headDim()),
        Grids.coarse(outputs));
  }

  /**
   * One item for each row, KV head and split; it attends for all query heads of the group, so that
   * a block is read from memory once.
   *
   * @param denseAndFormat 1 to attend to all blocks, 0 to the selected ones, plus twice the format
   *     of the cache: a task has 20 arguments at most
   */
  static void attend(
      IntArray rows,
      IntArray tables,
      FloatArray query,
      FloatArray keyFloats,
      IntArray keyNumbers,
      FloatArray valueFloats,
      IntArray valueNumbers,
      IntArray selected,
      FloatArray partial,
      FloatArray partialSums,
      int denseAndFormat,
      int items,
      int splits,
      int kvHeads,
      int group,
      int headDim,
      int blockSize,
      int blockCapacity,
      int pageBlocks,
      int cacheBlocks) {
    int dense = denseAndFormat % 2;
    int format = denseAndFormat / 2;
    for (@Parallel int item = 0; item < items; item++) {
      int rowHead = item / splits;
      int split = item - rowHead * splits;
      int row = rowHead / kvHeads;
      int head = rowHead - row * kvHeads;
      int at = Rows.HEADER + row * Rows.INTS;
      if (row < rows.get(Rows.COUNT)) {
        int tokens = rows.get(at + Rows.POSITION) + 1;
        int table = rows.get(at + Rows.TABLE);
        int blocks = rows.get(at + Rows.KEEP_BLOCKS);
        if (dense == 1) {
          blocks = (tokens + blockSize - 1) / blockSize;
        }
        int last = blocks * (split + 1) / splits;
        float scale = 1 / TornadoMath.sqrt((float) headDim);

        float[] weighted = new float[MAX_GROUP_VALUES];
        float[] maximum = new float[MAX_GROUP];
        float[] sum = new float[MAX_GROUP];
        float[] score = new float[MAX_BLOCK];
        for (int g = 0; g < group; g++) {
          maximum[g] = NO_SCORE;
          sum[g] = 0;
        }
        for (int j = 0; j < group * headDim; j++) {
          weighted[j] = 0;
        }

        for (int i = blocks * split / splits; i < last; i++) {
          int block = i;
          if (dense == 0) {
            block = selected.get(rowHead * blockCapacity + i);
          }
          int from =
              Paging.row(tables, table, block, pageBlocks, head, cacheBlocks) * blockSize * headDim;
          int count = TornadoMath.min(blockSize, tokens - block * blockSize);
          for (int g = 0; g < group; g++) {
            int q = (rowHead * group + g) * headDim;
            float blockMaximum = maximum[g];
            for (int t = 0; t < count; t++) {
              float dot = 0;
              if (format == CachedRows.EIGHT) {
                dot = dot(query, q, keyFloats, keyNumbers, from + t * headDim, headDim);
              } else {
                for (int j = 0; j < headDim; j++) {
                  dot += query.get(q + j) * keyFloats.get(from + t * headDim + j);
                }
              }
              score[t] = dot * scale;
              blockMaximum = TornadoMath.max(blockMaximum, score[t]);
            }
            if (blockMaximum > maximum[g]) {
              float shrink = TornadoMath.exp(maximum[g] - blockMaximum);
              sum[g] = sum[g] * shrink;
              for (int j = 0; j < headDim; j++) {
                weighted[g * headDim + j] = weighted[g * headDim + j] * shrink;
              }
              maximum[g] = blockMaximum;
            }
            for (int t = 0; t < count; t++) {
              float p = TornadoMath.exp(score[t] - blockMaximum);
              sum[g] = sum[g] + p;
              if (format == CachedRows.EIGHT) {
                int cached = from + t * headDim;
                add(weighted, g * headDim, p, valueFloats, valueNumbers, cached, headDim);
              } else {
                for (int j = 0; j < headDim; j++) {
                  weighted[g * headDim + j] =
                      weighted[g * headDim + j] + p * valueFloats.get(from + t * headDim + j);
                }
              }
            }
          }
        }

        for (int g = 0; g < group; g++) {
          int to = (rowHead * group + g) * splits + split;
          partialSums.set(to * 2, maximum[g]);
          partialSums.set(to * 2 + 1, sum[g]);
          for (int j = 0; j < headDim; j++) {
            partial.set(to * headDim + j, weighted[g * headDim + j]);
          }
        }
      }
    }
  }

  /** A query times a key in eight bits. */
  private static float dot(
      FloatArray query, int q, FloatArray scales, IntArray numbers, int row, int headDim) {
    float sum = 0;
    for (int j = 0; j < headDim; j += EightBits.PACKED) {
      int packed = numbers.get(EightBits.packed(row + j));
      float dot = query.get(q + j) * EightBits.number(packed, 0);
      dot += query.get(q + j + 1) * EightBits.number(packed, 1);
      dot += query.get(q + j + 2) * EightBits.number(packed, 2);
      dot += query.get(q + j + 3) * EightBits.number(packed, 3);
      sum += dot * scales.get(EightBits.scale(row + j));
    }
    return sum;
  }

  /** Adds values in eight bits times their weight. */
  private static void add(
      float[] weighted,
      int to,
      float p,
      FloatArray scales,
      IntArray numbers,
      int row,
      int headDim) {
    for (int j = 0; j < headDim; j += EightBits.PACKED) {
      int packed = numbers.get(EightBits.packed(row + j));
      float weight = p * scales.get(EightBits.scale(row + j));
      int at = to + j;
      weighted[at] = weighted[at] + weight * EightBits.number(packed, 0);
      weighted[at + 1] = weighted[at + 1] + weight * EightBits.number(packed, 1);
      weighted[at + 2] = weighted[at + 2] + weight * EightBits.number(packed, 2);
      weighted[at + 3] = weighted[at + 3] + weight * EightBits.number(packed, 3);
    }
  }

  /** One item for each row and query head: the splits' results brought to one maximum and added. */
  static void combine(
      IntArray rows,
      FloatArray partial,
      FloatArray partialSums,
      FloatArray output,
      int items,
      int splits,
      int heads,
      int headDim) {
    for (@Parallel int item = 0; item < items; item++) {
      if (item / heads < rows.get(Rows.COUNT)) {
        float maximum = NO_SCORE;
        for (int s = 0; s < splits; s++) {
          maximum = TornadoMath.max(maximum, partialSums.get((item * splits + s) * 2));
        }
        float sum = 0;
        for (int s = 0; s < splits; s++) {
          int at = (item * splits + s) * 2;
          sum += partialSums.get(at + 1) * TornadoMath.exp(partialSums.get(at) - maximum);
        }
        for (int j = 0; j < headDim; j++) {
          float weighted = 0;
          for (int s = 0; s < splits; s++) {
            int at = item * splits + s;
            weighted +=
                partial.get(at * headDim + j) * TornadoMath.exp(partialSums.get(at * 2) - maximum);
          }
          output.set(item * headDim + j, weighted / sum);
        }
      }
    }
  }
}
