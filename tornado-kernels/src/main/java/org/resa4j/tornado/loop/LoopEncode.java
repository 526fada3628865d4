package org.resa4j.tornado.loop;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Encode: dense causal attention of a chunk's tokens over their sequences' cache, the chunk
 * included.
 *
 * <p>An item takes the query vectors of several tokens and one group as columns, and its inner
 * loops run over them: keys and values are read once for all, and nothing is summed across a
 * vector's lanes.
 */
final class LoopEncode {
  /**
   * Columns of a tile, some of them unused; the widest group fills it. Enough for TornadoVM to
   * leave the loops over them loops, which the device's compiler vectorises; it writes out shorter
   * ones.
   */
  private static final int COLUMNS = LoopAttend.MAX_GROUP;

  private static final int MAX_VALUES = COLUMNS * LoopEstimate.MAX_HEAD_DIM;

  /** Keys taken at once: the maximum is rescaled once for them. */
  private static final int RUN = 16;

  private static final int MAX_SCORES = RUN * COLUMNS;

  private LoopEncode() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    AttentionShape shape = layout.shape();
    int items = layout.encodeTiles() * shape.kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_ATTEND),
            LoopEncode::encodeAttend,
            work.chunk(),
            work.tables(),
            work.query(),
            buffers.cache().key().floats(),
            buffers.cache().key().numbers(),
            buffers.cache().value().floats(),
            buffers.cache().value().numbers(),
            work.output().floats(),
            items,
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens(),
            buffers.cache().key().format()),
        Grids.coarse(items));
  }

  /** Tokens whose queries make a tile. */
  static int tileTokens(int group) {
    return COLUMNS / group;
  }

  /** One item for each tile of tokens and KV head. */
  static void encodeAttend(
      IntArray chunk,
      IntArray tables,
      FloatArray query,
      FloatArray keyFloats,
      IntArray keyNumbers,
      FloatArray valueFloats,
      IntArray valueNumbers,
      FloatArray output,
      int items,
      int kvHeads,
      int group,
      int headDim,
      int pageTokens,
      int cacheTokens,
      int format) {
    for (@Parallel int item = 0; item < items; item++) {
      int tile = item / kvHeads;
      int kvHead = item - tile * kvHeads;
      if (tile < chunk.get(Chunk.TILES)) {
        int at = Chunk.HEADER + tile * Chunk.INTS;
        int firstToken = chunk.get(at + Chunk.TILE_FIRST) / group;
        int tokens = chunk.get(at + Chunk.TILE_ROWS) / group;
        int of = Chunk.HEADER + firstToken * Chunk.INTS;
        int table = chunk.get(of + Chunk.TABLE);
        int position = chunk.get(of + Chunk.POSITION);
        int end = position + tokens;
        float scale = 1 / TornadoMath.sqrt((float) headDim);

        float[] turned = new float[MAX_VALUES];
        float[] weighted = new float[MAX_VALUES];
        float[] score = new float[MAX_SCORES];
        float[] maximum = new float[COLUMNS];
        float[] sum = new float[COLUMNS];
        float[] shrink = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
          maximum[i] = LoopAttend.NO_SCORE;
          sum[i] = 0;
          // Columns past the last token repeat it: they are computed and not written.
          int token = firstToken + TornadoMath.min(i / group, tokens - 1);
          int q = ((token * kvHeads + kvHead) * group + i % group) * headDim;
          for (int j = 0; j < headDim; j++) {
            turned[j * COLUMNS + i] = query.get(q + j) * scale;
            weighted[j * COLUMNS + i] = 0;
          }
        }

        for (int first = 0; first < end; first += RUN) {
          int count = TornadoMath.min(RUN, end - first);
          for (int t = 0; t < count; t++) {
            int from =
                Paging.row(tables, table, first + t, pageTokens, kvHead, cacheTokens) * headDim;
            for (int i = 0; i < COLUMNS; i++) {
              score[t * COLUMNS + i] = 0;
            }
            for (int j = 0; j < headDim; j++) {
              float k = CachedRows.get(keyFloats, keyNumbers, format, from + j);
              for (int i = 0; i < COLUMNS; i++) {
                score[t * COLUMNS + i] = score[t * COLUMNS + i] + k * turned[j * COLUMNS + i];
              }
            }
            // Causal: a token sees itself and what stands before it.
            if (first + t > position) {
              for (int i = 0; i < COLUMNS; i++) {
                if (first + t > position + i / group) {
                  score[t * COLUMNS + i] = LoopAttend.NO_SCORE;
                }
              }
            }
          }
          int raised = 0;
          for (int i = 0; i < COLUMNS; i++) {
            float highest = maximum[i];
            for (int t = 0; t < count; t++) {
              highest = TornadoMath.max(highest, score[t * COLUMNS + i]);
            }
            if (highest > maximum[i]) {
              raised = 1;
            }
            shrink[i] = TornadoMath.exp(maximum[i] - highest);
            maximum[i] = highest;
            float added = 0;
            for (int t = 0; t < count; t++) {
              float p = TornadoMath.exp(score[t * COLUMNS + i] - highest);
              score[t * COLUMNS + i] = p;
              added += p;
            }
            sum[i] = sum[i] * shrink[i] + added;
          }
          if (raised == 1) {
            for (int j = 0; j < headDim; j++) {
              for (int i = 0; i < COLUMNS; i++) {
                weighted[j * COLUMNS + i] = weighted[j * COLUMNS + i] * shrink[i];
              }
            }
          }
          for (int t = 0; t < count; t++) {
            int from =
                Paging.row(tables, table, first + t, pageTokens, kvHead, cacheTokens) * headDim;
            for (int j = 0; j < headDim; j++) {
              float v = CachedRows.get(valueFloats, valueNumbers, format, from + j);
              for (int i = 0; i < COLUMNS; i++) {
                weighted[j * COLUMNS + i] = weighted[j * COLUMNS + i] + v * score[t * COLUMNS + i];
              }
            }
          }
        }

        for (int i = 0; i < tokens * group; i++) {
          int token = firstToken + i / group;
          int to = ((token * kvHeads + kvHead) * group + i % group) * headDim;
          for (int j = 0; j < headDim; j++) {
            output.set(to + j, weighted[j * COLUMNS + i] / sum[i]);
          }
        }
      }
    }
  }
}
