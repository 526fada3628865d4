package org.resa4j.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.model.DType;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.QuantisedBlock;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.HostMemory;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Placeholders.Role;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.cublas.CuBlasFamily;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.group.GroupFamily;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.layer.Weights;
import org.resa4j.tornado.loop.LoopFamily;
import org.resa4j.tornado.mma.MmaFamily;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Arrays, and stages around attention that a family's kernels run on them. */
public final class LayerKernelRun {
  private final OpenedDevice opened = TornadoDevices.all().get(GroupKernelRun.DEVICE);
  private final Placeholders placeholders = new Placeholders();
  private final List<TornadoNativeArray> arrays = new ArrayList<>(placeholders.arrays());
  private final LayerTasks kernels;
  private final SplittableRandom random;
  private final boolean half;

  /**
   * @param family {@code loop}, {@code group}, {@code mma} or {@code cublas}
   * @param config whose sizes bound the family's own arrays
   * @param rows the most rows
   * @param half whether weights are in fp16
   */
  public LayerKernelRun(String family, ModelConfig config, int rows, boolean half, long seed) {
    kernels =
        family(family)
            .layers(ArraySource.ALLOCATED, placeholders, new LayerNeeds(config, rows, half, true));
    arrays.addAll(kernels.scratch());
    random = new SplittableRandom(seed);
    this.half = half;
  }

  /** The families whose kernels run on the device. */
  public static List<String> families() {
    Device device = TornadoDevices.all().get(GroupKernelRun.DEVICE).device();
    return List.of("loop", "group", "mma", "cublas").stream()
        .filter(name -> family(name).runsOn(device))
        .toList();
  }

  private static KernelFamily family(String name) {
    return switch (name) {
      case "loop" -> new LoopFamily();
      case "group" -> new GroupFamily();
      case "mma" -> new MmaFamily();
      default -> new CuBlasFamily(CuBlasCheck::works);
    };
  }

  public static boolean fp16() {
    return TornadoDevices.all().get(GroupKernelRun.DEVICE).device().fp16();
  }

  /** A model of the given width, of which nothing else counts. */
  public static ModelConfig config(int hidden, int intermediate) {
    return new ModelConfig(
        "sizes",
        1,
        hidden,
        new AttentionShape(2, 1, 8),
        intermediate,
        1,
        1e-5f,
        new Rope(new float[4]),
        1,
        false,
        false,
        Set.of());
  }

  /** Between -1 and 1. */
  public FloatArray floats(int size) {
    FloatArray array = HostMemory.floats(size);
    for (int i = 0; i < size; i++) {
      array.set(i, (float) (2 * random.nextDouble() - 1));
    }
    arrays.add(array);
    return array;
  }

  /** What goes into a matrix product, in the family's format; between -1 and 1. */
  public Reals inputs(int size) {
    Reals values =
        placeholders.reals(
            ArraySource.ALLOCATED, Role.INPUT, kernels.halfInputs(), "", size, List.of());
    for (int i = 0; i < size; i++) {
      values.set(i, (float) (2 * random.nextDouble() - 1));
    }
    arrays.add(values.array());
    return values;
  }

  public IntArray ints(int... values) {
    IntArray array = HostMemory.ints(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    arrays.add(array);
    return array;
  }

  /** Between -1 and 1. */
  public PlainWeights weights(int outputs, int inputs, boolean half) {
    Reals values =
        placeholders.reals(
            ArraySource.ALLOCATED, Role.WEIGHTS, half, "", (long) outputs * inputs, List.of());
    for (int i = 0; i < outputs * inputs; i++) {
      values.set(i, (float) (2 * random.nextDouble() - 1));
    }
    arrays.add(values.array());
    return new PlainWeights(values, outputs, inputs);
  }

  /** Tensors below one another as an engine has them, quantised ones packed. */
  public Weights uploaded(Tensor... tensors) {
    WeightUploader uploader = new WeightUploader(ArraySource.ALLOCATED, placeholders, half);
    Weights weights = uploader.matrix(tensors);
    uploader.fill();
    arrays.addAll(weights.arrays());
    return weights;
  }

  /** A tensor of random blocks of a quantised format; its elements are below 2 in size. */
  public Tensor quantised(DType type, int rows, int columns) {
    byte[] bytes = new byte[(int) type.bytes((long) rows * columns)];
    MemorySegment data = MemorySegment.ofArray(bytes);
    QuantisedBlock block = new QuantisedBlock(type);
    float[] elements = new float[type.blockLength()];
    for (int at = 0; at < bytes.length; at += type.blockBytes()) {
      do {
        for (int i = 0; i < type.blockBytes(); i++) {
          bytes[at + i] = (byte) random.nextInt();
        }
        block.read(data, at);
        block.widen(elements, 0);
      } while (!isModerate(elements));
    }
    return new Tensor("random", type, new long[] {rows, columns}, data);
  }

  /** NaN compares as neither. */
  private static boolean isModerate(float[] elements) {
    float largest = 0;
    for (float element : elements) {
      if (!(Math.abs(element) < 2)) {
        return false;
      }
      largest = Math.max(largest, Math.abs(element));
    }
    return largest > 1e-2;
  }

  /** Rows of which some are active. */
  public ActiveRows rows(int active, int most) {
    return new ActiveRows(ints(0, active), 1, most);
  }

  /** Runs stages once and brings every array back. */
  public void run(BiConsumer<LayerTasks, KernelGraph> stages) {
    TaskGraph graph = opened.graph("stages" + System.nanoTime());
    GridScheduler grids = new GridScheduler();
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, arrays.toArray());
    IntArray token = HostMemory.ints(1);
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, token);
    KernelGraph tasks = new KernelGraph(graph, grids);
    // TornadoVM sends only what is read, and what a stage leaves alone is to be as it was.
    LoadTasks.look(tasks, arrays, token, opened.device().fp16());
    stages.accept(kernels, tasks);
    tasks.end();
    graph.transferToHost(DataTransferMode.EVERY_EXECUTION, arrays.toArray());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(opened.target());
      plan.withGridScheduler(grids).execute();
      plan.freeDeviceMemory();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Adds the tasks of stages. */
  @FunctionalInterface
  public interface Stages {
    void add(LayerTasks kernels, KernelGraph graph);
  }

  /**
   * Median time of a graph of stages in nanoseconds, under a CUDA graph where there are such, else
   * by the device's own clock, as starting each task takes the host longer than many of them run;
   * brings every array back after the last.
   */
  public long median(int runs, List<Stages> stages) {
    TaskGraph graph = opened.graph("timed" + System.nanoTime());
    GridScheduler grids = new GridScheduler();
    IntArray token = HostMemory.ints(1);
    graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays.toArray());
    graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, token);
    KernelGraph tasks = new KernelGraph(graph, grids);
    LoadTasks.look(tasks, arrays, token, opened.device().fp16());
    for (int i = 0; i < stages.size(); i++) {
      stages.get(i).add(kernels, tasks.variant("_" + i));
    }
    tasks.end();
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, arrays.toArray());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(opened.target());
      plan.withGridScheduler(grids);
      boolean cuda = opened.device().backend().equals("cuda");
      if (cuda) {
        plan.withCUDAGraph();
      } else {
        plan.withProfiler(ProfilerMode.SILENT);
      }
      long[] times = new long[runs];
      for (int i = -5; i < runs; i++) {
        long start = System.nanoTime();
        TornadoExecutionResult result = plan.execute();
        long took = System.nanoTime() - start;
        if (i >= 0) {
          times[i] = cuda ? took : result.getProfilerResult().getDeviceKernelTime();
        }
        if (i == runs - 1) {
          result.transferToHost(arrays.toArray());
        }
      }
      plan.freeDeviceMemory();
      Arrays.sort(times);
      return times[runs / 2];
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }
}
