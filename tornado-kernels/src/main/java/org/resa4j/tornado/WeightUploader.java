package org.resa4j.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Projection;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Placeholders.Role;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * Brings a checkpoint's tensors into the arrays that are uploaded: asks for them first, and fills
 * them when all are known to fit.
 */
final class WeightUploader {
  static final String WEIGHTS = "weights";

  private static final float LARGEST_HALF = 65504f;
  private static final List<Setting> SETTINGS = List.of(Setting.DEVICE, Setting.MODEL);

  private final ArraySource source;
  private final Placeholders placeholders;
  private final boolean half;
  private final List<Runnable> copies = new ArrayList<>();

  /**
   * @param half whether plain matrices become fp16, and quantised ones' scales; else fp32. Scales
   *     of the K formats are then rounded, by no more than fp16 weights would be; those of the
   *     others are fp16 in the file. Vectors are fp32.
   */
  WeightUploader(ArraySource source, Placeholders placeholders, boolean half) {
    this.source = source;
    this.placeholders = placeholders;
    this.half = half;
  }

  /**
   * Fills the arrays.
   *
   * @throws DeviceException if a weight is outside fp16's range, naming the tensor
   */
  void fill() {
    copies.forEach(Runnable::run);
    copies.clear();
  }

  /** Tensors of equal width below one another; quantised ones stay so, if all of them are. */
  Weights matrix(Tensor... tensors) {
    int inputs = tensors[0].columns();
    int outputs = 0;
    for (Tensor tensor : tensors) {
      outputs += tensor.rows();
    }
    Optional<Packing> packing = Packing.of(Stream.of(tensors).map(Tensor::dtype).toList());
    return packing.isPresent()
        ? packed(tensors, packing.get(), outputs, inputs)
        : plain(tensors, outputs, inputs);
  }

  private PlainWeights plain(Tensor[] tensors, int outputs, int inputs) {
    Reals values =
        placeholders.reals(source, Role.WEIGHTS, half, WEIGHTS, (long) outputs * inputs, SETTINGS);
    int base = 0;
    for (Tensor tensor : tensors) {
      int from = base;
      copies.add(() -> copy(tensor, values, from));
      base += tensor.rows() * inputs;
    }
    return new PlainWeights(values, outputs, inputs);
  }

  private PackedWeights packed(Tensor[] tensors, Packing packing, int outputs, int inputs) {
    PackedWeights weights =
        new PackedWeights(
            source.ints(WEIGHTS, (long) outputs * packing.ints(inputs), SETTINGS),
            placeholders.reals(
                source,
                Role.SCALES,
                half,
                WEIGHTS,
                (long) outputs * packing.scales(inputs),
                SETTINGS),
            packing,
            outputs,
            inputs);
    int firstRow = 0;
    for (Tensor tensor : tensors) {
      int first = firstRow;
      copies.add(() -> WeightPacker.pack(tensor, weights, first));
      firstRow += tensor.rows();
    }
    return weights;
  }

  FloatArray vector(Tensor tensor) {
    return vector(List.of(tensor.toFloats()), tensor.size());
  }

  private FloatArray vector(List<float[]> parts, long size) {
    FloatArray array = source.floats("norms and biases", size, SETTINGS);
    copies.add(
        () -> {
          int at = 0;
          for (float[] part : parts) {
            for (float value : part) {
              array.set(at++, value);
            }
          }
        });
    return array;
  }

  LayerArrays layer(LayerWeights weights) {
    Vectors vectors = new Vectors();
    List<Projection> gateUp = List.of(weights.gate(), weights.up());
    LayerArrays.Offsets offsets =
        new LayerArrays.Offsets(
            vectors.add(Stream.of(weights.attentionNorm())),
            vectors.add(Stream.of(weights.mlpNorm())),
            vectors.addBiases(weights.projections()),
            vectors.add(
                Stream.of(weights.queryNorm(), weights.keyNorm()).flatMap(Optional::stream)),
            vectors.addBiases(List.of(weights.output())),
            vectors.addBiases(gateUp),
            vectors.addBiases(List.of(weights.down())));
    return new LayerArrays(
        matrix(weights.projections()),
        matrix(List.of(weights.output())),
        matrix(gateUp),
        matrix(List.of(weights.down())),
        vector(vectors.parts, vectors.size),
        offsets);
  }

  private Weights matrix(List<Projection> projections) {
    return matrix(projections.stream().map(Projection::weight).toArray(Tensor[]::new));
  }

  /** A layer's small weights, below one another. */
  private static final class Vectors {
    private final List<float[]> parts = new ArrayList<>();
    private int size;

    /** Returns where they begin, {@link LayerArrays.Offsets#NONE} if there are none. */
    int add(Stream<Tensor> tensors) {
      int begin = size;
      tensors.forEach(tensor -> add(tensor.toFloats()));
      return size == begin ? LayerArrays.Offsets.NONE : begin;
    }

    /** Zero for those that have none, where one has: products that run as one have one bias. */
    int addBiases(List<Projection> projections) {
      if (projections.stream().allMatch(each -> each.bias().isEmpty())) {
        return LayerArrays.Offsets.NONE;
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
  }

  private static void copy(Tensor tensor, Reals to, int base) {
    if (to.half()) {
      copyHalf(tensor, to.halfs(), base);
      return;
    }
    int columns = tensor.columns();
    forEachRow(
        tensor,
        (row, values) -> {
          for (int i = 0; i < columns; i++) {
            to.floats().set(base + row * columns + i, values[i]);
          }
        });
  }

  /** Takes a row's number, and the row widened to fp32. */
  private interface RowTaker {
    void take(int row, float[] values);
  }

  /** On all cores; the arrays are used again. */
  private static void forEachRow(Tensor tensor, RowTaker taker) {
    RowChunks.forEach(
        tensor.rows(),
        (from, end) -> {
          float[] values = new float[tensor.columns()];
          for (int row = from; row < end; row++) {
            tensor.row(row, values, 0);
            taker.take(row, values);
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
    forEachRow(
        tensor,
        (row, values) -> {
          for (int i = 0; i < columns; i++) {
            if (Math.abs(values[i]) > LARGEST_HALF) {
              throw new DeviceException(
                  "%s: %g is outside the range of fp16; use a checkpoint in fp32"
                      .formatted(tensor.name(), values[i]));
            }
            to.set(base + row * columns + i, new HalfFloat(values[i]));
          }
        });
  }
}
