package org.resa4j.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.resa4j.error.DeviceException;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Projection;
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
    Vectors vectors = new Vectors();
    vectors.add(Stream.of(weights.attentionNorm(), weights.mlpNorm()));
    int biases = vectors.addBiases(weights.projections());
    int headNorms =
        vectors.add(Stream.of(weights.queryNorm(), weights.keyNorm()).flatMap(Optional::stream));
    int outputBias = vectors.addBiases(List.of(weights.output()));
    List<Projection> gateUp = List.of(weights.gate(), weights.up());
    int gateUpBias = vectors.addBiases(gateUp);
    int downBias = vectors.addBiases(List.of(weights.down()));
    return new LayerArrays(
        matrix(weights.projections()),
        matrix(List.of(weights.output())),
        matrix(gateUp),
        matrix(List.of(weights.down())),
        vectors.array(),
        biases,
        headNorms,
        outputBias,
        gateUpBias,
        downBias);
  }

  private Weights matrix(List<Projection> projections) {
    return matrix(projections.stream().map(Projection::weight).toArray(Tensor[]::new));
  }

  /** A layer's small weights, below one another. */
  private static final class Vectors {
    private final List<float[]> parts = new ArrayList<>();
    private int size;

    /** Returns where they begin, or -1 if there are none. */
    int add(Stream<Tensor> tensors) {
      int begin = size;
      tensors.forEach(tensor -> add(tensor.toFloats()));
      return size == begin ? -1 : begin;
    }

    /** Zero for those that have none, where one has: products that run as one have one bias. */
    int addBiases(List<Projection> projections) {
      if (projections.stream().allMatch(each -> each.bias().isEmpty())) {
        return -1;
      }
      int begin = size;
      for (Projection each : projections) {
        add(each.bias().map(Tensor::toFloats).orElseGet(() -> new float[each.outputs()]));
      }
      return begin;
    }

    private void add(float[] part) {
      parts.add(part);
      size += part.length;
    }

    FloatArray array() {
      FloatArray array = HostMemory.floats(size);
      int at = 0;
      for (float[] part : parts) {
        for (float value : part) {
          array.set(at++, value);
        }
      }
      return array;
    }
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
