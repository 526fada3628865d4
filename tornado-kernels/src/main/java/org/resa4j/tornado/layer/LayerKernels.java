package org.resa4j.tornado.layer;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a decoder layer does beside its matrix products and attention, loop-parallel. Each kernel
 * works on the rows that {@code active} says there are, at index {@code count}.
 */
final class LayerKernels {
  /** No finite logit is this large. */
  private static final float LARGEST = Float.MAX_VALUE;

  private LayerKernels() {}

  /** {@code x[row] += bias}; one item for each element. */
  static void addBias(
      IntArray active,
      int count,
      FloatArray x,
      FloatArray vectors,
      int biasOffset,
      int items,
      int width) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / width;
      if (row < active.get(count)) {
        x.set(item, x.get(item) + vectors.get(biasOffset + item - row * width));
      }
    }
  }

  /** Copies what was sent to where it stays between graphs. */
  static void receiveInts(IntArray sent, IntArray resident, int items) {
    for (@Parallel int i = 0; i < items; i++) {
      resident.set(i, sent.get(i));
    }
  }

  /** Copies what was sent to where it stays between graphs. */
  static void receiveFloats(FloatArray sent, FloatArray resident, int items) {
    for (@Parallel int i = 0; i < items; i++) {
      resident.set(i, sent.get(i));
    }
  }

  /** {@code x[row] = embedding[token[row]]}; one item for each element. */
  static void embed(
      IntArray active,
      int count,
      IntArray tokens,
      FloatArray embedding,
      FloatArray x,
      int items,
      int hidden) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / hidden;
      if (row < active.get(count)) {
        x.set(item, embedding.get(tokens.get(row) * hidden + item - row * hidden));
      }
    }
  }

  /** As {@link #embed}, from fp16. */
  static void embedHalf(
      IntArray active,
      int count,
      IntArray tokens,
      HalfFloatArray embedding,
      FloatArray x,
      int items,
      int hidden) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / hidden;
      if (row < active.get(count)) {
        x.set(item, embedding.get(tokens.get(row) * hidden + item - row * hidden).getFloat32());
      }
    }
  }

  /** {@code out = x / rms(x) * weight}; one item for each row. */
  static void rmsNorm(
      IntArray active,
      int count,
      FloatArray x,
      FloatArray weights,
      int weightOffset,
      FloatArray out,
      int items,
      int hidden,
      float epsilon) {
    for (@Parallel int row = 0; row < items; row++) {
      if (row < active.get(count)) {
        int base = row * hidden;
        float squares = 0;
        for (int i = 0; i < hidden; i++) {
          float value = x.get(base + i);
          squares += value * value;
        }
        float scale = 1 / TornadoMath.sqrt(squares / hidden + epsilon);
        for (int i = 0; i < hidden; i++) {
          out.set(base + i, x.get(base + i) * scale * weights.get(weightOffset + i));
        }
      }
    }
  }

  /** The tokens of a chunk that leave logits, normed; one item for each of them. */
  static void chunkRmsNorm(
      IntArray chunk,
      int count,
      FloatArray x,
      FloatArray weights,
      FloatArray out,
      int items,
      int hidden,
      float epsilon) {
    for (@Parallel int row = 0; row < items; row++) {
      if (row < chunk.get(count)) {
        int base = chunk.get(Chunk.HEADER + row * Chunk.INTS + Chunk.LOGIT_TOKEN) * hidden;
        int to = row * hidden;
        float squares = 0;
        for (int i = 0; i < hidden; i++) {
          float value = x.get(base + i);
          squares += value * value;
        }
        float scale = 1 / TornadoMath.sqrt(squares / hidden + epsilon);
        for (int i = 0; i < hidden; i++) {
          out.set(to + i, x.get(base + i) * scale * weights.get(i));
        }
      }
    }
  }

  /**
   * Bias, RMSNorm of each query and key head, and rotary embedding, each where the architecture has
   * it; one item for each row and head.
   *
   * @param qkv {@code [row][Hq + 2 Hkv][d]}
   * @param angles {@code [row][2][d/2]}, cosines then sines
   * @param vectors the layer's small weights
   * @param biasOffset where the biases {@code [Hq + 2 Hkv][d]} begin, or -1
   * @param queryNormOffset where the query norm {@code [d]} begins, the key norm after it, or -1
   */
  static void rotateHeads(
      IntArray active,
      int count,
      FloatArray qkv,
      FloatArray angles,
      FloatArray vectors,
      int biasOffset,
      int queryNormOffset,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue,
      int items,
      int heads,
      int kvHeads,
      int headDim,
      float epsilon) {
    for (@Parallel int item = 0; item < items; item++) {
      int all = heads + 2 * kvHeads;
      int row = item / all;
      int head = item - row * all;
      if (row < active.get(count)) {
        int from = item * headDim;
        if (biasOffset >= 0) {
          int bias = biasOffset + head * headDim;
          for (int j = 0; j < headDim; j++) {
            qkv.set(from + j, qkv.get(from + j) + vectors.get(bias + j));
          }
        }
        if (queryNormOffset >= 0 && head < heads + kvHeads) {
          int norm = queryNormOffset;
          if (head >= heads) {
            norm = queryNormOffset + headDim;
          }
          float squares = 0;
          for (int j = 0; j < headDim; j++) {
            float value = qkv.get(from + j);
            squares += value * value;
          }
          float scale = 1 / TornadoMath.sqrt(squares / headDim + epsilon);
          for (int j = 0; j < headDim; j++) {
            qkv.set(from + j, qkv.get(from + j) * scale * vectors.get(norm + j));
          }
        }
        int half = headDim / 2;
        if (head >= heads + kvHeads) {
          int to = (row * kvHeads + head - heads - kvHeads) * headDim;
          for (int j = 0; j < headDim; j++) {
            newValue.set(to + j, qkv.get(from + j));
          }
        } else if (head >= heads) {
          int to = (row * kvHeads + head - heads) * headDim;
          for (int j = 0; j < half; j++) {
            float cos = angles.get(row * headDim + j);
            float sin = angles.get(row * headDim + half + j);
            float a = qkv.get(from + j);
            float b = qkv.get(from + half + j);
            newKey.set(to + j, a * cos - b * sin);
            newKey.set(to + half + j, b * cos + a * sin);
          }
        } else {
          int to = (row * heads + head) * headDim;
          for (int j = 0; j < half; j++) {
            float cos = angles.get(row * headDim + j);
            float sin = angles.get(row * headDim + half + j);
            float a = qkv.get(from + j);
            float b = qkv.get(from + half + j);
            query.set(to + j, a * cos - b * sin);
            query.set(to + half + j, b * cos + a * sin);
          }
        }
      }
    }
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
        best.set(item, highest(logits, row * vocabulary, item - row * parts, parts, vocabulary));
      }
    }
  }

  /**
   * Id of the highest logit of a part of the row that begins at {@code base}; -1 if one of the part
   * is NaN or infinite.
   */
  static int highest(FloatArray logits, int base, int part, int parts, int vocabulary) {
    int size = (vocabulary + parts - 1) / parts;
    int first = TornadoMath.min(part * size, vocabulary - 1);
    int end = TornadoMath.max(first + 1, TornadoMath.min(vocabulary, (part + 1) * size));
    int index = first;
    float highest = logits.get(base + first);
    int finite = 0;
    for (int i = first; i < end; i++) {
      float logit = logits.get(base + i);
      // Counted where true: of an unordered comparison's negation back ends make what they like.
      if (TornadoMath.abs(logit) < LARGEST) {
        finite = finite + 1;
      }
      if (logit > highest) {
        highest = logit;
        index = i;
      }
    }
    if (finite < end - first) {
      index = -1;
    }
    return index;
  }

  /** The logit of a part's id, above all numbers for -1. */
  static float logit(FloatArray logits, int base, int id) {
    float logit = LARGEST;
    if (id >= 0) {
      logit = logits.get(base + id);
    }
    return logit;
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
        float highest = logit(logits, row * vocabulary, index);
        for (int part = 1; part < parts; part++) {
          int other = best.get(row * parts + part);
          float logit = logit(logits, row * vocabulary, other);
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
