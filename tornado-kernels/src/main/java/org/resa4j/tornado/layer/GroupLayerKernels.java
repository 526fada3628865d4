package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@link LayerKernels} for GPUs: the same items, one to a work-item. The bound of a loop-parallel
 * kernel with a grid is sent before the launch, and the CUDA backend of TornadoVM 5.2.0 sends that
 * from one place for all tasks without waiting; without a grid, few items run at a time.
 */
final class GroupLayerKernels {
  /** Work-items that share a head. */
  static final int HEAD_ITEMS = 64;

  private GroupLayerKernels() {}

  static void receiveInts(KernelContext context, IntArray sent, IntArray resident, int items) {
    int i = context.globalIdx;
    if (i < items) {
      resident.set(i, sent.get(i));
    }
  }

  static void receiveFloats(
      KernelContext context, FloatArray sent, FloatArray resident, int items) {
    int i = context.globalIdx;
    if (i < items) {
      resident.set(i, sent.get(i));
    }
  }

  static void addBias(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray x,
      FloatArray vectors,
      int biasOffset,
      int items,
      int width) {
    int item = context.globalIdx;
    int row = item / width;
    if (item < items && row < active.get(count)) {
      x.set(item, x.get(item) + vectors.get(biasOffset + item - row * width));
    }
  }

  static void embed(
      KernelContext context,
      IntArray active,
      int count,
      IntArray tokens,
      FloatArray embedding,
      FloatArray x,
      int items,
      int hidden) {
    int item = context.globalIdx;
    int row = item / hidden;
    if (item < items && row < active.get(count)) {
      x.set(item, embedding.get(tokens.get(row) * hidden + item - row * hidden));
    }
  }

  static void embedHalf(
      KernelContext context,
      IntArray active,
      int count,
      IntArray tokens,
      HalfFloatArray embedding,
      FloatArray x,
      int items,
      int hidden) {
    int item = context.globalIdx;
    int row = item / hidden;
    if (item < items && row < active.get(count)) {
      x.set(item, embedding.get(tokens.get(row) * hidden + item - row * hidden).getFloat32());
    }
  }

  /** As {@link LayerKernels#rotateHeads}; one work-group for each row and head. */
  static void rotateHeads(
      KernelContext context,
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
      int heads,
      int kvHeads,
      int headDim,
      float epsilon) {
    float[] sums = context.allocateFloatLocalArray(HEAD_ITEMS);
    int item = context.localIdx;
    int all = heads + 2 * kvHeads;
    int row = context.groupIdx / all;
    int head = context.groupIdx - row * all;
    if (row < active.get(count)) {
      int from = context.groupIdx * headDim;
      int bias = biasOffset + head * headDim;
      int norm = queryNormOffset;
      if (head >= heads) {
        norm = queryNormOffset + headDim;
      }
      int normed = 0;
      if (queryNormOffset >= 0 && head < heads + kvHeads) {
        normed = 1;
      }
      float scale = 1;
      if (normed == 1) {
        float squares = 0;
        for (int j = item; j < headDim; j += HEAD_ITEMS) {
          float x = qkv.get(from + j);
          if (biasOffset >= 0) {
            x += vectors.get(bias + j);
          }
          squares += x * x;
        }
        sums[item] = squares;
        context.localBarrier();
        float total = 0;
        for (int i = 0; i < HEAD_ITEMS; i++) {
          total += sums[i];
        }
        scale = 1 / TornadoMath.sqrt(total / headDim + epsilon);
      }
      int half = headDim / 2;
      for (int j = item; j < half; j += HEAD_ITEMS) {
        float a = qkv.get(from + j);
        float b = qkv.get(from + half + j);
        if (biasOffset >= 0) {
          a += vectors.get(bias + j);
          b += vectors.get(bias + half + j);
        }
        if (normed == 1) {
          a = a * scale * vectors.get(norm + j);
          b = b * scale * vectors.get(norm + half + j);
        }
        if (head >= heads + kvHeads) {
          int to = (row * kvHeads + head - heads - kvHeads) * headDim + j;
          newValue.set(to, a);
          newValue.set(to + half, b);
        } else {
          float cos = angles.get(row * headDim + j);
          float sin = angles.get(row * headDim + half + j);
          if (head >= heads) {
            int to = (row * kvHeads + head - heads) * headDim + j;
            newKey.set(to, a * cos - b * sin);
            newKey.set(to + half, b * cos + a * sin);
          } else {
            int to = (row * heads + head) * headDim + j;
            query.set(to, a * cos - b * sin);
            query.set(to + half, b * cos + a * sin);
          }
        }
      }
    }
  }

  static void swiGlu(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray gateUp,
      FloatArray output,
      int items,
      int width) {
    int item = context.globalIdx;
    int row = item / width;
    if (item < items && row < active.get(count)) {
      output.set(
          item,
          LinearKernels.gated(
              gateUp.get(item + row * width), gateUp.get(item + row * width + width)));
    }
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
          item,
          LayerKernels.highest(logits, row * vocabulary, item - row * parts, parts, vocabulary));
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
    float[] highest = context.allocateFloatLocalArray(LayerTasks.ARGMAX_PARTS);
    int[] ids = context.allocateIntLocalArray(LayerTasks.ARGMAX_PARTS);
    int item = context.localIdx;
    int row = context.groupIdx;
    if (row < active.get(count)) {
      int own = best.get(row * parts + item);
      ids[item] = own;
      highest[item] = LayerKernels.logit(logits, row * vocabulary, own);
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
