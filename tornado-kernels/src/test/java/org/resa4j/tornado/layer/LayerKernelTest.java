package org.resa4j.tornado.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.tornado.LayerKernelRun;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.LayerTasks.Heads;
import org.resa4j.tornado.layer.LayerTasks.Norm;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Each family's kernels around attention against double precision, at awkward sizes. */
class LayerKernelTest {
  private static final long SEED = new SplittableRandom().nextLong() >>> 1;
  private static final float EPSILON = 1e-5f;

  private static List<String> families() {
    return LayerKernelRun.families();
  }

  /** A family, rows, inputs, outputs, whether fp16. */
  private static Stream<Arguments> products() {
    List<Arguments> all = new ArrayList<>();
    for (String family : families()) {
      for (boolean half :
          LayerKernelRun.fp16() ? new boolean[] {false, true} : new boolean[] {false}) {
        for (int[] sizes :
            new int[][] {
              {1, 1, 1},
              {1, 128, 67},
              {1, 1600, 9},
              {1, 1792, 3},
              {1, 8256, 5},
              {3, 33, 5},
              {4, 192, 130},
              {8, 1100, 6},
              {9, 64, 64},
              {13, 513, 7},
              {17, 50, 65},
              {17, 40, 8193},
              {70, 320, 97},
              {49, 9, 8200},
              {200, 65, 33}
            }) {
          all.add(Arguments.of(family, sizes[0], sizes[1], sizes[2], half));
        }
      }
    }
    return all.stream();
  }

  private static LayerKernelRun run(
      String family, int hidden, int intermediate, int rows, boolean half) {
    System.out.println("seed " + SEED);
    return new LayerKernelRun(
        family, LayerKernelRun.config(hidden, intermediate), rows, half, SEED);
  }

  /** With weights in the format that a device has. */
  private static LayerKernelRun run(String family, int hidden, int intermediate, int rows) {
    return run(family, hidden, intermediate, rows, LayerKernelRun.fp16());
  }

  /** Of what is rounded where it is written. */
  private static double rounding(Reals values) {
    return values.half() ? 1e-3 : 2e-5;
  }

  @ParameterizedTest
  @MethodSource("products")
  void linear(String family, int most, int inputs, int outputs, boolean half) {
    LayerKernelRun run = run(family, Math.max(inputs, outputs), inputs, most, half);
    PlainWeights weights = run.weights(outputs, inputs, half);
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
    double tolerance = half ? 1e-5 : 1e-6;
    for (int row = 0; row < most; row++) {
      for (int o = 0; o < outputs; o++) {
        double sum = 0;
        double size = 0;
        for (int i = 0; i < inputs; i++) {
          double product = (double) weights.values().get(o * inputs + i) * x.get(row * inputs + i);
          sum += product;
          size += Math.abs(product);
        }
        int at = row * outputs + o;
        if (row < active) {
          assertThat((double) set.get(at))
              .as("row %d, output %d", row, o)
              .isCloseTo(sum, within(tolerance * size + 1e-7));
          assertThat((double) added.get(at))
              .as("row %d, output %d, added", row, o)
              .isCloseTo(before[at] + sum, within(tolerance * (size + 1)));
        } else if (!family.equals("cublas")) {
          assertThat(set.get(at)).as("inactive row %d", row).isEqualTo(untouched[at]);
          assertThat(added.get(at)).as("inactive row %d", row).isEqualTo(before[at]);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void rowsAreNormed(String family) {
    for (int width : new int[] {1, 7, 130, 300}) {
      LayerKernelRun run = run(family, width, width, 5);
      FloatArray x = run.floats(5 * width);
      FloatArray weights = run.floats(3 + width);
      Reals normed = run.inputs(5 * width);
      Reals ofChunk = run.inputs(5 * width);
      double[] untouched = doubles(normed, 5 * width);
      double[] untouchedOfChunk = doubles(ofChunk, 5 * width);
      ActiveRows rows = run.rows(3, 5);
      int[] chosen = {4, 0, 3};
      IntArray chunk = run.ints(new int[Chunk.HEADER + 5 * Chunk.INTS]);
      chunk.set(Chunk.COUNT, 5);
      chunk.set(Chunk.LOGITS, chosen.length);
      for (int i = 0; i < chosen.length; i++) {
        chunk.set(Chunk.HEADER + i * Chunk.INTS + Chunk.LOGIT_TOKEN, chosen[i]);
      }
      ActiveRows logits = new ActiveRows(chunk, Chunk.LOGITS, 5);
      Norm norm = new Norm(width, EPSILON);
      FloatArray finalNorm = run.floats(width);
      run.run(
          (kernels, graph) -> {
            kernels.norm(graph, Stage.MLP_NORM, rows, x, weights, 3, normed, norm);
            kernels.chunkNorm(graph, logits, x, finalNorm, ofChunk, norm);
          });
      for (int row = 0; row < 5; row++) {
        for (int i = 0; i < width; i++) {
          int at = row * width + i;
          if (row < 3) {
            assertThat((double) normed.get(at))
                .as("width %d, row %d", width, row)
                .isCloseTo(normed(x, row, i, width) * weights.get(3 + i), within(rounding(normed)));
            assertThat((double) ofChunk.get(at))
                .as("width %d, row of logits %d", width, row)
                .isCloseTo(
                    normed(x, chosen[row], i, width) * finalNorm.get(i), within(rounding(ofChunk)));
          } else {
            assertThat((double) normed.get(at)).isEqualTo(untouched[at]);
            assertThat((double) ofChunk.get(at)).isEqualTo(untouchedOfChunk[at]);
          }
        }
      }
    }
  }

  private static double normed(FloatArray x, int row, int i, int width) {
    double squares = 0;
    for (int j = 0; j < width; j++) {
      squares += (double) x.get(row * width + j) * x.get(row * width + j);
    }
    return x.get(row * width + i) / Math.sqrt(squares / width + EPSILON);
  }

  /** Widths of heads, with and without biases, head norms and keys. */
  @ParameterizedTest
  @MethodSource("families")
  void headsAreTurned(String family) {
    int heads = 3;
    for (int[] each :
        new int[][] {{2, 1, 1, 1}, {6, 2, 1, 0}, {64, 1, 0, 1}, {80, 2, 0, 0}, {128, 0, 1, 1}}) {
      int width = each[0];
      int kvHeads = each[1];
      int all = heads + 2 * kvHeads;
      LayerKernelRun run = run(family, width, width, 4);
      FloatArray qkv = run.floats(4 * all * width);
      double[] before = doubles(qkv);
      FloatArray angles = run.floats(4 * width);
      FloatArray vectors = run.floats(5 + all * width + 2 * width);
      int bias = each[2] == 1 ? 5 : LayerArrays.Offsets.NONE;
      int norms = each[3] == 1 ? 5 + all * width : LayerArrays.Offsets.NONE;
      FloatArray query = run.floats(4 * heads * width);
      FloatArray key = run.floats(Math.max(1, 4 * kvHeads * width));
      FloatArray value = run.floats(Math.max(1, 4 * kvHeads * width));
      double[] queryBefore = doubles(query);
      double[] keyBefore = doubles(key);
      double[] valueBefore = doubles(value);
      PlainWeights none = run.weights(1, 1, false);
      LayerArrays weights =
          new LayerArrays(
              none,
              none,
              none,
              none,
              vectors,
              new LayerArrays.Offsets(0, 0, bias, norms, -1, -1, -1));
      ActiveRows rows = run.rows(3, 4);
      run.run(
          (kernels, graph) ->
              kernels.rotate(
                  graph,
                  rows,
                  new Heads(heads, kvHeads, width, EPSILON),
                  qkv,
                  angles,
                  weights,
                  query,
                  key,
                  value));
      for (int row = 0; row < 4; row++) {
        for (int head = 0; head < all; head++) {
          double[] x = new double[width];
          for (int j = 0; j < width; j++) {
            x[j] = before[(row * all + head) * width + j];
            x[j] += bias < 0 ? 0 : vectors.get(bias + head * width + j);
          }
          boolean isValue = head >= heads + kvHeads;
          if (norms >= 0 && !isValue) {
            headNorm(x, vectors, head < heads ? norms : norms + width);
          }
          double[] expected = isValue ? x : turned(x, angles, row);
          FloatArray to = isValue ? value : head < heads ? query : key;
          double[] was = isValue ? valueBefore : head < heads ? queryBefore : keyBefore;
          int of = head < heads ? row * heads + head : row * kvHeads + (head - heads) % kvHeads;
          for (int j = 0; j < width; j++) {
            int at = of * width + j;
            assertThat((double) to.get(at))
                .as("d=%d, Hkv=%d, row %d, head %d, %d", width, kvHeads, row, head, j)
                .isCloseTo(row < 3 ? expected[j] : was[at], within(2e-5));
          }
        }
      }
    }
  }

  private static void headNorm(double[] x, FloatArray vectors, int norm) {
    double squares = 0;
    for (double each : x) {
      squares += each * each;
    }
    double scale = 1 / Math.sqrt(squares / x.length + EPSILON);
    for (int j = 0; j < x.length; j++) {
      x[j] *= scale * vectors.get(norm + j);
    }
  }

  private static double[] turned(double[] x, FloatArray angles, int row) {
    int half = x.length / 2;
    double[] y = new double[x.length];
    for (int j = 0; j < half; j++) {
      double cos = angles.get(row * x.length + j);
      double sin = angles.get(row * x.length + half + j);
      y[j] = x[j] * cos - x[half + j] * sin;
      y[half + j] = x[half + j] * cos + x[j] * sin;
    }
    return y;
  }

  private static double[] doubles(Reals values, int size) {
    return IntStream.range(0, size).mapToDouble(values::get).toArray();
  }

  private static double[] doubles(FloatArray array) {
    return IntStream.range(0, array.getSize()).mapToDouble(array::get).toArray();
  }

  @ParameterizedTest
  @MethodSource("families")
  void whatIsSentArrivesAndTokensAreEmbedded(String family) {
    for (boolean half :
        LayerKernelRun.fp16() ? new boolean[] {false, true} : new boolean[] {false}) {
      LayerKernelRun run = run(family, 70, 70, 4, half);
      IntArray sentInts = run.ints(IntStream.range(5, 205).toArray());
      IntArray ints = run.ints(new int[200]);
      FloatArray sentFloats = run.floats(131);
      FloatArray floats = run.floats(131);
      PlainWeights embedding = run.weights(9, 70, half);
      IntArray tokens = run.ints(8, 0, 3, 3);
      FloatArray x = run.floats(4 * 70);
      FloatArray biased = run.floats(4 * 70);
      FloatArray vectors = run.floats(2 + 70);
      double[] untouched = doubles(x);
      double[] before = doubles(biased);
      ActiveRows rows = run.rows(3, 4);
      run.run(
          (kernels, graph) -> {
            kernels.receive(graph, "Ints", sentInts, ints);
            kernels.receive(graph, "Floats", sentFloats, floats);
            kernels.embed(graph, rows, tokens, embedding, x);
            kernels.addBias(graph, Stage.DOWN, rows, biased, vectors, 2, 70);
          });
      assertThat(ints.toHeapArray()).isEqualTo(sentInts.toHeapArray());
      assertThat(floats.toHeapArray()).isEqualTo(sentFloats.toHeapArray());
      for (int row = 0; row < 4; row++) {
        for (int j = 0; j < 70; j++) {
          int at = row * 70 + j;
          assertThat((double) x.get(at))
              .isEqualTo(
                  row < 3 ? embedding.values().get(tokens.get(row) * 70 + j) : untouched[at]);
          assertThat((double) biased.get(at))
              .isCloseTo(row < 3 ? before[at] + vectors.get(2 + j) : before[at], within(1e-6));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void theMlpIsGated(String family) {
    LayerKernelRun run = run(family, 8, 50, 4);
    FloatArray gateUp = run.floats(4 * 2 * 50);
    // Where exp leaves the range of a float, gates are 0 or the gate itself.
    float[] extremes = {-1000, -100, -88, -20, 0, 20, 88, 100, 1000};
    for (int i = 0; i < extremes.length; i++) {
      gateUp.set(i, extremes[i]);
    }
    Reals gated = run.inputs(4 * 50);
    double[] untouched = doubles(gated, 4 * 50);
    ActiveRows rows = run.rows(3, 4);
    run.run((kernels, graph) -> kernels.swiGlu(graph, rows, gateUp, gated, 50));
    for (int row = 0; row < 4; row++) {
      for (int i = 0; i < 50; i++) {
        double gate = gateUp.get(row * 100 + i);
        double expected = gate / (1 + Math.exp(-gate)) * gateUp.get(row * 100 + 50 + i);
        assertThat((double) gated.get(row * 50 + i))
            .as("row %d, gate %g", row, gate)
            .isCloseTo(
                row < 3 ? expected : untouched[row * 50 + i],
                within(rounding(gated) * (1 + Math.abs(expected))));
      }
    }
  }

  /** One row and several, with and without bias, inputs that one warp reads and that several do. */
  @ParameterizedTest
  @MethodSource("families")
  void gateAndUpAreMultipliedAndGated(String family) {
    int width = 37;
    for (int[] each :
        new int[][] {{1, 576, 0}, {1, 50, 0}, {1, 8256, 0}, {1, 64, 1}, {4, 128, 0}}) {
      int most = each[0];
      int inputs = each[1];
      LayerKernelRun run = run(family, inputs, width, most);
      PlainWeights weights = run.weights(2 * width, inputs, LayerKernelRun.fp16());
      Reals x = run.inputs(most * inputs);
      FloatArray vectors = run.floats(3 + 2 * width);
      FloatArray gateUp = run.floats(most * 2 * width);
      Reals gated = run.inputs(most * width);
      int bias = each[2] == 1 ? 3 : LayerArrays.Offsets.NONE;
      ActiveRows rows = run.rows(most, most);
      run.run(
          (kernels, graph) ->
              kernels.gatedLinear(graph, rows, x, weights, vectors, bias, gateUp, gated));
      for (int row = 0; row < most; row++) {
        for (int o = 0; o < width; o++) {
          double[] product = new double[2];
          double[] size = new double[2];
          for (int i = 0; i < 2; i++) {
            int of = i * width + o;
            for (int j = 0; j < inputs; j++) {
              double term =
                  (double) weights.values().get(of * inputs + j) * x.get(row * inputs + j);
              product[i] += term;
              size[i] += Math.abs(term);
            }
            product[i] += bias < 0 ? 0 : vectors.get(bias + of);
          }
          double silu = product[0] / (1 + Math.exp(-product[0]));
          double expected = silu * product[1];
          // A product errs by the size of its terms, not by its own, and the other carries it on.
          double carried = 4e-7 * (1.1 * size[0] * Math.abs(product[1]) + size[1] * Math.abs(silu));
          assertThat((double) gated.get(row * width + o))
              .as("%d inputs, row %d, output %d", inputs, row, o)
              .isCloseTo(expected, within(rounding(gated) * (1 + Math.abs(expected)) + carried));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void theHighestLogitIsFoundTheLowestOfEqualsAndWhatIsNoNumber(String family) {
    for (int vocabulary : new int[] {1, 5, 255, 257, 1000}) {
      LayerKernelRun run = run(family, 8, 8, 6);
      FloatArray logits = run.floats(6 * vocabulary);
      int last = vocabulary - 1;
      logits.set(vocabulary + last, 3);
      logits.set(vocabulary + vocabulary / 2, 3);
      logits.set(2 * vocabulary + vocabulary / 3, Float.NaN);
      logits.set(3 * vocabulary + last, Float.POSITIVE_INFINITY);
      logits.set(4 * vocabulary, Float.NEGATIVE_INFINITY);
      IntArray best = run.ints(new int[6 * Highest.PARTS]);
      IntArray chosen = run.ints(-7, -7, -7, -7, -7, -7);
      ActiveRows rows = run.rows(5, 6);
      run.run((kernels, graph) -> kernels.argmax(graph, rows, logits, best, chosen, vocabulary));
      int highest = 0;
      for (int i = 1; i < vocabulary; i++) {
        highest = logits.get(i) > logits.get(highest) ? i : highest;
      }
      assertThat(chosen.toHeapArray())
          .as("%d logits", vocabulary)
          .containsExactly(highest, vocabulary / 2, -1, -1, -1, -7);
    }
  }
}
