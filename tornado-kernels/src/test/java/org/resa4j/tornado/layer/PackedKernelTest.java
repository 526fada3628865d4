package org.resa4j.tornado.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.LayerKernelRun;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Each family's kernels on quantised weights against the file's elements in double precision. */
class PackedKernelTest {
  private static final long SEED = new SplittableRandom().nextLong() >>> 1;

  /** Formats that lie in nibbles and bytes, in groups of 32 and 16, with and without minima. */
  private static final List<DType> OF_EACH_PACKING =
      List.of(DType.Q4_0, DType.Q4_K, DType.Q8_0, DType.Q5_1, DType.Q6_K, DType.Q2_K);

  private static Stream<Arguments> familiesAndFormats() {
    return LayerKernelRun.families().stream()
        .flatMap(
            family ->
                Arrays.stream(DType.values())
                    .filter(DType::isQuantised)
                    .map(type -> Arguments.of(family, type)));
  }

  /** A family, rows, inputs, outputs, and a format, or two for the upper and the lower half. */
  private static Stream<Arguments> products() {
    List<Arguments> all = new ArrayList<>();
    for (String family : LayerKernelRun.families()) {
      for (DType type : OF_EACH_PACKING) {
        int width = type.blockLength();
        for (int[] sizes :
            new int[][] {{1, 1, 2}, {1, 9, 9}, {3, 3, 5}, {8, 5, 7}, {9, 2, 11}, {21, 1, 33}}) {
          all.add(Arguments.of(family, sizes[0], sizes[1] * width, sizes[2], List.of(type, type)));
        }
        // Of a row of many ints.
        all.add(Arguments.of(family, 1, 2560, 4, List.of(type, type)));
      }
      all.add(Arguments.of(family, 1, 512, 10, List.of(DType.Q4_K, DType.Q6_K)));
      all.add(Arguments.of(family, 12, 256, 10, List.of(DType.Q4_0, DType.Q4_K)));
      all.add(Arguments.of(family, 2, 96, 10, List.of(DType.Q4_1, DType.Q8_0)));
    }
    return all.stream();
  }

  private static LayerKernelRun run(String family, int width, int rows) {
    System.out.println("seed " + SEED);
    return new LayerKernelRun(
        family, LayerKernelRun.config(width, width), rows, LayerKernelRun.fp16(), SEED);
  }

  private static float[] elements(Tensor... tensors) {
    int size = Stream.of(tensors).mapToInt(tensor -> (int) tensor.size()).sum();
    float[] all = new float[size];
    int at = 0;
    for (Tensor tensor : tensors) {
      tensor.widen(0, (int) tensor.size(), all, at);
      at += (int) tensor.size();
    }
    return all;
  }

  /** Of an element; fp16 rounds the scales of K formats, and what is expanded. */
  private static double rounding() {
    return LayerKernelRun.fp16() ? 1e-3 : 1e-6;
  }

  @ParameterizedTest
  @MethodSource("products")
  void linear(String family, int most, int inputs, int outputs, List<DType> types) {
    LayerKernelRun run = run(family, Math.max(inputs, outputs), most);
    Tensor upper = run.quantised(types.getFirst(), outputs / 2, inputs);
    Tensor lower = run.quantised(types.getLast(), outputs - outputs / 2, inputs);
    Weights weights = run.uploaded(upper, lower);
    assertThat(weights).isInstanceOf(PackedWeights.class);
    float[] elements = elements(upper, lower);
    Reals x = run.inputs(most * inputs);
    FloatArray set = run.floats(most * outputs);
    FloatArray added = run.floats(most * outputs);
    float[] before = added.toHeapArray();
    float[] untouched = set.toHeapArray();
    int active = most - most / 3;
    ActiveRows rows = run.rows(active, most);
    run.run(
        (kernels, graph) -> {
          kernels.linear(graph, Stage.QKV, rows, x, weights, set, false);
          kernels.linear(graph, Stage.OUTPUT, rows, x, weights, added, true);
        });
    for (int row = 0; row < most; row++) {
      for (int o = 0; o < outputs; o++) {
        double sum = 0;
        double size = 0;
        for (int i = 0; i < inputs; i++) {
          double product = (double) elements[o * inputs + i] * x.get(row * inputs + i);
          sum += product;
          size += Math.abs(product);
        }
        // Scale and minimum may be large where their difference is small.
        size += 0.1 * inputs;
        int at = row * outputs + o;
        if (row < active) {
          assertThat((double) set.get(at))
              .as("row %d, output %d", row, o)
              .isCloseTo(sum, within(rounding() * size));
          assertThat((double) added.get(at))
              .as("row %d, output %d, added", row, o)
              .isCloseTo(before[at] + sum, within(rounding() * (size + 1)));
        } else if (!family.equals("cublas")) {
          assertThat(set.get(at)).as("inactive row %d", row).isEqualTo(untouched[at]);
          assertThat(added.get(at)).as("inactive row %d", row).isEqualTo(before[at]);
        }
      }
    }
  }

  /** Every format, element by element: that of a product is hidden among others. */
  @ParameterizedTest
  @MethodSource("familiesAndFormats")
  void tokensAreEmbedded(String family, DType type) {
    int width = 2 * type.blockLength();
    LayerKernelRun run = run(family, width, 4);
    Tensor tensor = run.quantised(type, 9, width);
    Weights embedding = run.uploaded(tensor);
    IntArray tokens = run.ints(8, 0, 3, 3);
    FloatArray x = run.floats(4 * width);
    float[] untouched = x.toHeapArray();
    ActiveRows rows = run.rows(3, 4);
    run.run((kernels, graph) -> kernels.embed(graph, rows, tokens, embedding, x));
    float[] elements = elements(tensor);
    for (int row = 0; row < 4; row++) {
      for (int i = 0; i < width; i++) {
        int at = row * width + i;
        float expected = row < 3 ? elements[tokens.get(row) * width + i] : untouched[at];
        assertThat((double) x.get(at))
            .as("row %d, %d", row, i)
            .isCloseTo(expected, within(rounding() * 2));
      }
    }
  }

  /** One row, and so many that they are expanded. */
  @ParameterizedTest
  @MethodSource("familiesAndFormats")
  void gateAndUpAreMultipliedAndGated(String family, DType type) {
    int width = 19;
    int inputs = type.blockLength();
    for (int most : OF_EACH_PACKING.contains(type) ? new int[] {1, 10} : new int[] {1}) {
      LayerKernelRun run = run(family, Math.max(inputs, width), most);
      Tensor gate = run.quantised(type, width, inputs);
      Tensor up = run.quantised(type, width, inputs);
      Weights weights = run.uploaded(gate, up);
      float[] elements = elements(gate, up);
      Reals x = run.inputs(most * inputs);
      FloatArray vectors = run.floats(1);
      FloatArray gateUp = run.floats(most * 2 * width);
      Reals gated = run.inputs(most * width);
      ActiveRows rows = run.rows(most, most);
      run.run(
          (kernels, graph) ->
              kernels.gatedLinear(
                  graph, rows, x, weights, vectors, LayerArrays.Offsets.NONE, gateUp, gated));
      for (int row = 0; row < most; row++) {
        for (int o = 0; o < width; o++) {
          double[] product = new double[2];
          double[] size = new double[2];
          for (int i = 0; i < 2; i++) {
            int of = (i * width + o) * inputs;
            for (int j = 0; j < inputs; j++) {
              double each = (double) elements[of + j] * x.get(row * inputs + j);
              product[i] += each;
              size[i] += Math.abs(each);
            }
          }
          double expected = product[0] / (1 + Math.exp(-product[0])) * product[1];
          double error = rounding() * (1 + Arrays.stream(size).sum() + 0.1 * inputs);
          assertThat((double) gated.get(row * width + o))
              .as("row %d, output %d", row, o)
              .isCloseTo(
                  expected, within(2 * error * (1 + Math.abs(product[0]) + Math.abs(product[1]))));
        }
      }
    }
  }

  /** Files' bits and, where a device has fp16, little more. */
  @ParameterizedTest
  @MethodSource("familiesAndFormats")
  void packedWeightsAreSmall(String family, DType type) {
    LayerKernelRun run = run(family, 256, 1);
    Weights weights = run.uploaded(run.quantised(type, 3, 256));
    long bytes = weights.arrays().stream().mapToLong(array -> array.getNumBytesOfSegment()).sum();
    double bits = 8.0 * bytes / (3 * 256);
    int scaleBits = LayerKernelRun.fp16() ? 16 : 32;
    Packing packing = Packing.of(List.of(type)).orElseThrow();
    assertThat(bits)
        .isEqualTo(packing.bits() + (1.0 + packing.mins()) * scaleBits / packing.group());
    assertThat(packing.bits()).isEqualTo(type.name().startsWith("Q4") ? 4 : 8);
    assertThat(IntStream.of(16, 32)).contains(packing.group());
  }
}
