package org.resa4j.tornado.loop;

import org.resa4j.tornado.AttentionBuffers.Chunk;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Encode: dense causal attention of a chunk's tokens over the cache, the chunk included. */
final class LoopEncode {
  /** Tokens of the chunk that share one pass over the keys. */
  static final int TILE = 8;

  static final int MAX_TILE_VALUES = TILE * LoopEstimate.MAX_HEAD_DIM;

  private LoopEncode() {}

  /** One item for each tile of tokens and query head. */
  static void encodeAttend(
      IntArray chunk,
      FloatArray query,
      FloatArray key,
      FloatArray value,
      FloatArray output,
      int items,
      int heads,
      int group,
      int headDim,
      int blockSize,
      int contextPadded) {
    for (@Parallel int item = 0; item < items; item++) {
      int tile = item / heads;
      int head = item - tile * heads;
      int firstToken = tile * TILE;
      int tileTokens = TornadoMath.min(TILE, chunk.get(Chunk.COUNT) - firstToken);
      if (tileTokens > 0) {
        int kvHeads = heads / group;
        int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + head / group;
        int position = chunk.get(Chunk.POSITION) + firstToken;
        int end = position + tileTokens;
        float scale = 1 / TornadoMath.sqrt((float) headDim);

        float[] weighted = new float[MAX_TILE_VALUES];
        float[] maximum = new float[TILE];
        float[] sum = new float[TILE];
        float[] score = new float[LoopAttend.MAX_BLOCK];
        for (int i = 0; i < tileTokens; i++) {
          maximum[i] = LoopAttend.NO_SCORE;
          sum[i] = 0;
        }
        for (int j = 0; j < tileTokens * headDim; j++) {
          weighted[j] = 0;
        }

        for (int first = 0; first < end; first += blockSize) {
          int from = (slot * contextPadded + first) * headDim;
          for (int i = 0; i < tileTokens; i++) {
            int q = ((firstToken + i) * heads + head) * headDim;
            // Causal: the token at position + i sees itself and what stands before it.
            int count = TornadoMath.min(blockSize, position + i + 1 - first);
            float blockMaximum = maximum[i];
            for (int t = 0; t < count; t++) {
              float dot = 0;
              for (int j = 0; j < headDim; j++) {
                dot += query.get(q + j) * key.get(from + t * headDim + j);
              }
              score[t] = dot * scale;
              blockMaximum = TornadoMath.max(blockMaximum, score[t]);
            }
            if (blockMaximum > maximum[i]) {
              float shrink = TornadoMath.exp(maximum[i] - blockMaximum);
              sum[i] = sum[i] * shrink;
              for (int j = 0; j < headDim; j++) {
                weighted[i * headDim + j] = weighted[i * headDim + j] * shrink;
              }
              maximum[i] = blockMaximum;
            }
            for (int t = 0; t < count; t++) {
              float p = TornadoMath.exp(score[t] - blockMaximum);
              sum[i] = sum[i] + p;
              for (int j = 0; j < headDim; j++) {
                weighted[i * headDim + j] =
                    weighted[i * headDim + j] + p * value.get(from + t * headDim + j);
              }
            }
          }
        }

        for (int i = 0; i < tileTokens; i++) {
          int to = ((firstToken + i) * heads + head) * headDim;
          for (int j = 0; j < headDim; j++) {
            output.set(to + j, weighted[i * headDim + j] / sum[i]);
          }
        }
      }
    }
  }
}
