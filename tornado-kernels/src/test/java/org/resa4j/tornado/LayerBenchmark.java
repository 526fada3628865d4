package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks.Norm;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Times what a layer does around attention on a GPU, weights of Qwen2.5-7B's shape, and checks some
 * results in the same run. Arguments: a family, with fp16 weights or, as {@code cublas:Q4_K},
 * quantised ones; then numbers of rows; {@code 32/512} are 32 in a graph with room for 512. The
 * device is that of {@code -Dresa.test.device}.
 */
public final class LayerBenchmark {
  private static final int HIDDEN = 3584;
  private static final int INTERMEDIATE = 18944;
  private static final int REPETITIONS = 8;
  private static final int RUNS = 30;

  private LayerBenchmark() {}

  /** Prints a line for each product and number of rows. */
  public static void main(String[] args) {
    List<int[]> shapes =
        List.of(
            new int[] {4608, HIDDEN},
            new int[] {HIDDEN, HIDDEN},
            new int[] {2 * INTERMEDIATE, HIDDEN},
            new int[] {HIDDEN, INTERMEDIATE},
            new int[] {152064, HIDDEN});
    int colon = args[0].indexOf(':');
    String family = colon < 0 ? args[0] : args[0].substring(0, colon);
    Optional<DType> type =
        colon < 0 ? Optional.empty() : Optional.of(DType.valueOf(args[0].substring(colon + 1)));
    for (String rows : Arrays.copyOfRange(args, 1, args.length)) {
      int slash = rows.indexOf('/');
      int most = Integer.parseInt(rows.substring(slash + 1));
      int count = slash < 0 ? most : Integer.parseInt(rows.substring(0, slash));
      shapes.forEach(shape -> product(family, type, count, most, shape[0], shape[1]));
      gated(family, type, most);
      norm(family, most);
    }
  }

  /** Of a repetition: what so many more take, so that what a graph takes in any case is out. */
  private static double each(LayerKernelRun run, IntFunction<LayerKernelRun.Stages> stage) {
    long few = run.median(RUNS, IntStream.range(0, REPETITIONS).mapToObj(stage).toList());
    long many = run.median(RUNS, IntStream.range(0, 4 * REPETITIONS).mapToObj(stage).toList());
    return (many - few) / (3.0 * REPETITIONS);
  }

  private static LayerKernelRun run(String family, int rows) {
    return new LayerKernelRun(family, LayerKernelRun.config(HIDDEN, INTERMEDIATE), rows, true, 42);
  }

  private static void product(
      String family, Optional<DType> type, int rows, int most, int outputs, int inputs) {
    LayerKernelRun run = run(family, most);
    // Several matrices, so that none is in the cache when its turn comes again.
    int copies = outputs > 100_000 ? 1 : 4;
    Tensor tensor = type.map(each -> run.quantised(each, outputs, inputs)).orElse(null);
    List<Weights> weights = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      weights.add(tensor == null ? run.weights(outputs, inputs, true) : run.uploaded(tensor));
    }
    Reals x = run.inputs(most * inputs);
    FloatArray y = run.floats(most * outputs);
    ActiveRows active = run.rows(rows, most);
    double nanoseconds =
        each(
            run,
            i -> {
              Weights own = weights.get(i % copies);
              return (kernels, graph) -> kernels.linear(graph, Stage.QKV, active, x, own, y, false);
            });
    Weights last = weights.get((REPETITIONS - 1) % copies);
    float[] values = new float[inputs];
    double error = 0;
    for (int o : new int[] {0, outputs / 2, outputs - 1}) {
      double sum = 0;
      if (tensor != null) {
        tensor.row(o, values, 0);
      }
      for (int i = 0; i < inputs; i++) {
        float weight =
            last instanceof PlainWeights plain ? plain.values().get(o * inputs + i) : values[i];
        sum += (double) weight * x.get((rows - 1) * inputs + i);
      }
      error = Math.max(error, Math.abs(sum - y.get((rows - 1) * outputs + o)));
    }
    System.out.printf(
        Locale.ROOT,
        "%s, %d of %d rows, %d x %d: %.1f us, %.0f GB/s, %.1f TFLOP/s, error %.1e%n",
        family,
        rows,
        most,
        outputs,
        inputs,
        nanoseconds / 1e3,
        bytes(last) / nanoseconds,
        2e-3 * rows * outputs * inputs / nanoseconds,
        error / Math.sqrt(inputs));
  }

  private static double bytes(Weights weights) {
    return weights.arrays().stream().mapToLong(array -> array.getNumBytesOfSegment()).sum();
  }

  /** Gate and up with SwiGLU; its numbers are the tests' to check. */
  private static void gated(String family, Optional<DType> type, int rows) {
    LayerKernelRun run = run(family, rows);
    Tensor tensor = type.map(each -> run.quantised(each, 2 * INTERMEDIATE, HIDDEN)).orElse(null);
    List<Weights> weights = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      weights.add(
          tensor == null ? run.weights(2 * INTERMEDIATE, HIDDEN, true) : run.uploaded(tensor));
    }
    Reals x = run.inputs(rows * HIDDEN);
    FloatArray gateUp = run.floats(rows * 2 * INTERMEDIATE);
    FloatArray vectors = run.floats(1);
    Reals gated = run.inputs(rows * INTERMEDIATE);
    ActiveRows active = run.rows(rows, rows);
    double nanoseconds =
        each(
            run,
            i -> {
              Weights own = weights.get(i % 4);
              return (kernels, graph) ->
                  kernels.gatedLinear(
                      graph, active, x, own, vectors, LayerArrays.Offsets.NONE, gateUp, gated);
            });
    System.out.printf(
        Locale.ROOT,
        "%s, %d rows, gate and up with SwiGLU: %.1f us%n",
        family,
        rows,
        nanoseconds / 1e3);
  }

  private static void norm(String family, int rows) {
    LayerKernelRun run = run(family, rows);
    FloatArray x = run.floats(rows * HIDDEN);
    FloatArray weights = run.floats(HIDDEN);
    Reals normed = run.inputs(rows * HIDDEN);
    ActiveRows active = run.rows(rows, rows);
    double nanoseconds =
        each(
            run,
            i ->
                (kernels, graph) ->
                    kernels.norm(
                        graph,
                        Stage.MLP_NORM,
                        active,
                        x,
                        weights,
                        0,
                        normed,
                        new Norm(HIDDEN, 1e-6f)));
    System.out.printf(Locale.ROOT, "%s, %d rows, norm: %.1f us%n", family, rows, nanoseconds / 1e3);
  }
}
