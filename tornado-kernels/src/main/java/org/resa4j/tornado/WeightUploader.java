package org.resa4j.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.resa4j.error.DeviceException;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.attention.HostMemory;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/** Brings a checkpoint's tensors into the arrays that are uploaded. */
final class WeightUploader {
  private static final float LARGEST_HALF = 65504f;

  private final boolean half;

  /**
   * @param half whether matrices become fp16; else fp32. Vectors are fp32.
   */
  WeightUploader(boolean half) {
    this.half = half;
  }

  /**
   * Tensors of equal width below one another.
   *
   * @throws DeviceException if a weight is outside fp16's range, naming the tensor
   */
  Weights matrix(Tensor... tensors) {
    int inputs = tensors[0].columns();
    int outputs = 0;
    for (Tensor tensor : tensors) {
      outputs += tensor.rows();
    }
    int size = Math.multiplyExact(outputs, inputs);
    if (half) {
      HalfFloatArray array = HostMemory.halfs(size);
      int base = 0;
      for (Tensor tensor : tensors) {
        copyHalf(tensor, array, base);
        base += tensor.rows() * inputs;
      }
      return new Weights(array, outputs, inputs);
    }
    FloatArray array = HostMemory.floats(size);
    int base = 0;
    for (Tensor tensor : tensors) {
      copy(tensor, array, base);
      base += tensor.rows() * inputs;
    }
    return new Weights(array, outputs, inputs);
  }

  FloatArray vector(Tensor tensor) {
    FloatArray array = HostMemory.floats(Math.toIntExact(tensor.size()));
    copyVector(tensor, array, 0);
    return array;
  }

  LayerArrays layer(LayerWeights weights) {
    int hidden = weights.attentionNorm().rows();
    List<Tensor> projections = weights.projections();
    int qkv = projections.stream().mapToInt(Tensor::rows).sum();
    List<Optional<Tensor>> biases =
        List.of(weights.queryBias(), weights.keyBias(), weights.valueBias());
    boolean biased = biases.stream().anyMatch(Optional::isPresent);
    boolean headNorms = weights.queryNorm().isPresent();
    int biasOffset = biased ? 2 * hidden : -1;
    int headNormOffset = headNorms ? 2 * hidden + (biased ? qkv : 0) : -1;
    int headDim = weights.queryNorm().map(Tensor::rows).orElse(0);
    FloatArray vectors = HostMemory.floats(2 * hidden + (biased ? qkv : 0) + 2 * headDim);
    copyVector(weights.attentionNorm(), vectors, 0);
    copyVector(weights.mlpNorm(), vectors, hidden);
    if (biased) {
      int base = biasOffset;
      for (int i = 0; i < projections.size(); i++) {
        // A missing one is zero.
        if (biases.get(i).isPresent()) {
          copyVector(biases.get(i).get(), vectors, base);
        }
        base += projections.get(i).rows();
      }
    }
    if (headNorms) {
      copyVector(weights.queryNorm().get(), vectors, headNormOffset);
      // Without keys of its own, a layer has no norm for them either.
      if (weights.keyNorm().isPresent()) {
        copyVector(weights.keyNorm().get(), vectors, headNormOffset + headDim);
      }
    }
    return new LayerArrays(
        matrix(projections.toArray(Tensor[]::new)),
        matrix(weights.output()),
        matrix(weights.gate(), weights.up()),
        matrix(weights.down()),
        vectors,
        biasOffset,
        headNormOffset);
  }

  private static void copyVector(Tensor tensor, FloatArray to, int base) {
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      to.set(base + i, values[i]);
    }
  }

  private static void copy(Tensor tensor, FloatArray to, int base) {
    int columns = tensor.columns();
    IntStream.range(0, tensor.rows())
        .parallel()
        .forEach(
            row -> {
              long from = (long) row * columns;
              for (int i = 0; i < columns; i++) {
                to.set(base + row * columns + i, tensor.get(from + i));
              }
            });
  }

  private static void copyHalf(Tensor tensor, HalfFloatArray to, int base) {
    if (tensor.dtype() == DType.F16) {
      MemorySegment.copy(
          tensor.data(), 0, to.getSegment(), (long) base * Short.BYTES, tensor.data().byteSize());
      return;
    }
    int columns = tensor.columns();
    IntStream.range(0, tensor.rows())
        .parallel()
        .forEach(
            row -> {
              long from = (long) row * columns;
              for (int i = 0; i < columns; i++) {
                float value = tensor.get(from + i);
                if (Math.abs(value) > LARGEST_HALF) {
                  throw new DeviceException(
                      "%s: %g is outside the range of fp16; use a checkpoint in fp32"
                          .formatted(tensor.name(), value));
                }
                to.set(base + row * columns + i, new HalfFloat(value));
              }
            });
  }
}
