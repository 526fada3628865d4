package org.resa4j.tornado;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CacheStorage;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.KernelGraph;
import org.resa4j.tornado.group.GroupAttentionTasks;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Buffers with random contents, stages of the group kernels run on them, and plain references. */
public final class GroupKernelRun {
  private final OpenedDevice opened;
  private final GroupAttentionTasks tasks;
  private final AttentionLayout layout;
  private final AttentionBuffers buffers;

  /** The second of three caches. */
  private final DriftBuffers drift;

  /** Adds the tasks of a stage. */
  @FunctionalInterface
  public interface Stage {
    void add(GroupAttentionTasks tasks, KernelGraph graph, AttentionBuffers buffers);
  }

  /**
   * Random queries, new keys and values, cache and the descriptors that belong to it.
   *
   * @param device index of the device
   */
  public GroupKernelRun(
      int device, AttentionShape shape, EngineOptions options, KvType type, long seed) {
    opened = TornadoDevices.all().get(device);
    tasks = new GroupAttentionTasks(opened.device());
    tasks.check(shape, options.blockSize());
    CacheStorage storage = tasks.storage(type);
    layout =
        new AttentionLayout(
            shape,
            options.sequences(),
            options.contextLength(),
            options.blockSize(),
            options.encodeTokens(),
            tasks.stepSplits(shape, storage, options, opened.device()),
            tasks.encodeSplits(shape, storage, options, opened.device()),
            storage);
    buffers =
        new AttentionBuffers(
            layout,
            AttentionBuffers.Cache.allocate(layout),
            AttentionBuffers.Workspace.allocate(layout));
    drift = DriftBuffers.allocate(layout, 3).of(1);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < buffers.work().query().getSize(); i++) {
      buffers.work().query().set(i, value(random));
    }
    for (int i = 0; i < buffers.work().newKey().getSize(); i++) {
      buffers.work().newKey().set(i, value(random));
      buffers.work().newValue().set(i, value(random));
    }
    fillCache(seed);
  }

  /** Whether a device has half precision. */
  public static boolean fp16(int device) {
    return TornadoDevices.all().get(device).device().fp16();
  }

  public Device device() {
    return opened.device();
  }

  public AttentionLayout layout() {
    return layout;
  }

  public AttentionBuffers buffers() {
    return buffers;
  }

  public DriftBuffers drift() {
    return drift;
  }

  private static float value(SplittableRandom random) {
    return (float) (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5) * 1.5f;
  }

  private void fillCache(long seed) {
    int d = layout.shape().headDim();
    int b = layout.blockSize();
    IntStream.range(0, layout.sequences() * layout.shape().kvHeads() * layout.blockCapacity())
        .parallel()
        .forEach(
            block -> {
              SplittableRandom random = new SplittableRandom(seed * 31 + block);
              for (int j = 0; j < d; j++) {
                float min = Float.POSITIVE_INFINITY;
                float max = Float.NEGATIVE_INFINITY;
                for (int t = 0; t < b; t++) {
                  int at = (block * b + t) * d + j;
                  put(buffers.cache().key(), at, value(random));
                  put(buffers.cache().value(), at, value(random));
                  float k = at(buffers.cache().key(), at);
                  min = Math.min(min, k);
                  max = Math.max(max, k);
                }
                put(buffers.cache().blockMin(), block * d + j, min);
                put(buffers.cache().blockMax(), block * d + j, max);
              }
            });
  }

  /** Sets a step's next row. */
  public void row(int row, int sequence, int position, int keepBlocks, int localBlocks) {
    int at = Rows.HEADER + row * Rows.INTS;
    buffers.work().rows().set(Rows.COUNT, row + 1);
    buffers.work().rows().set(at + Rows.SEQUENCE, sequence);
    buffers.work().rows().set(at + Rows.POSITION, position);
    buffers.work().rows().set(at + Rows.KEEP_BLOCKS, keepBlocks);
    buffers.work().rows().set(at + Rows.LOCAL_BLOCKS, localBlocks);
  }

  public void chunk(int sequence, int position, int count) {
    buffers.work().chunk().set(Chunk.SEQUENCE, sequence);
    buffers.work().chunk().set(Chunk.POSITION, position);
    buffers.work().chunk().set(Chunk.COUNT, count);
  }

  /** Whether the chunk asks for its drift. */
  public void measure(boolean on) {
    buffers.work().chunk().set(Chunk.MEASURE, on ? 1 : 0);
  }

  /**
   * Sums of squares over the chunk's tokens in double precision, as in {@link DriftBuffers#sums}.
   */
  public double[] driftSums() {
    double[] sums = new double[DriftBuffers.COUNT];
    for (int token = 0; token < buffers.work().chunk().get(Chunk.COUNT); token++) {
      int sequence = buffers.work().chunk().get(Chunk.SEQUENCE);
      int position = buffers.work().chunk().get(Chunk.POSITION) + token;
      for (int head = 0; head < layout.shape().kvHeads(); head++) {
        for (int j = 0; j < layout.shape().headDim(); j++) {
          int at = (token * layout.shape().kvHeads() + head) * layout.shape().headDim() + j;
          double k = buffers.work().newKey().get(at);
          double v = buffers.work().newValue().get(at);
          double keyChange = k - key(sequence, head, position, j);
          double valueChange = v - value(sequence, head, position, j);
          sums[DriftBuffers.KEY_CHANGE] += keyChange * keyChange;
          sums[DriftBuffers.KEY] += k * k;
          sums[DriftBuffers.VALUE_CHANGE] += valueChange * valueChange;
          sums[DriftBuffers.VALUE] += v * v;
        }
      }
    }
    return sums;
  }

  /** All arrays that the stages touch. */
  private TornadoNativeArray[] arrays() {
    AttentionBuffers.Workspace work = buffers.work();
    AttentionBuffers.Cache cache = buffers.cache();
    return new TornadoNativeArray[] {
      work.query(),
      work.newKey(),
      work.newValue(),
      work.scores(),
      work.selected(),
      work.partial(),
      work.partialSums(),
      work.output(),
      cache.key(),
      cache.value(),
      cache.blockMin(),
      cache.blockMax(),
      drift.parts(),
      drift.sums()
    };
  }

  /** Runs stages once and brings every array back. */
  public void run(Stage... stages) {
    TaskGraph graph = opened.graph("stages" + System.nanoTime());
    GridScheduler grids = new GridScheduler();
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, (Object[]) arrays());
    graph.transferToDevice(
        DataTransferMode.EVERY_EXECUTION,
        buffers.work().rows(),
        buffers.work().chunk(),
        drift.cache());
    for (Stage stage : stages) {
      stage.add(tasks, new KernelGraph(graph, grids, ""), buffers);
    }
    graph.transferToHost(DataTransferMode.EVERY_EXECUTION, (Object[]) arrays());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(opened.target());
      plan.withGridScheduler(grids).execute();
      plan.freeDeviceMemory();
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Median time of a repetition of stages in nanoseconds: repeated in one graph, its wall time
   * divided.
   *
   * @param cudaGraph whether the graph is captured as a CUDA graph
   */
  public long median(int repetitions, int runs, boolean cudaGraph, Stage... stages) {
    TaskGraph graph = opened.graph("timed" + System.nanoTime());
    GridScheduler grids = new GridScheduler();
    graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, (Object[]) arrays());
    graph.transferToDevice(
        DataTransferMode.EVERY_EXECUTION,
        buffers.work().rows(),
        buffers.work().chunk(),
        drift.cache());
    for (int i = 0; i < repetitions; i++) {
      for (Stage stage : stages) {
        stage.add(tasks, new KernelGraph(graph, grids, "_" + i), buffers);
      }
    }
    graph.persistOnDevice((Object[]) arrays());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(opened.target());
      TornadoExecutionPlan scheduled = plan.withGridScheduler(grids);
      if (cudaGraph) {
        scheduled = scheduled.withCUDAGraph();
      }
      long[] times = new long[runs];
      for (int i = -5; i < runs; i++) {
        long start = System.nanoTime();
        scheduled.execute();
        if (i >= 0) {
          times[i] = System.nanoTime() - start;
        }
      }
      plan.freeDeviceMemory();
      Arrays.sort(times);
      return times[runs / 2] / repetitions;
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Scores of a row's blocks in double precision, from the cache and the query as they are. */
  public double[] scores(int row, int head, int blocks) {
    int group = layout.shape().group();
    double[][] queries = new double[group][];
    Arrays.setAll(queries, g -> query(row, head * group + g));
    return ReferenceAttention.estimate(
        ReferenceAttention.meanQuery(queries),
        bounds(buffers.cache().blockMin(), slot(row, head)),
        bounds(buffers.cache().blockMax(), slot(row, head)),
        blocks);
  }

  private Vectors bounds(TornadoNativeArray array, int slot) {
    int width = layout.shape().headDim();
    return (block, j) -> at(array, (slot * layout.blockCapacity() + block) * width + j);
  }

  /** What select must choose from scores. */
  public static int[] select(float[] scores, int keep, int local) {
    double[] forced = new double[scores.length];
    Arrays.setAll(forced, i -> i < scores.length - local ? scores[i] : Double.POSITIVE_INFINITY);
    return ReferenceAttention.highest(forced, keep);
  }

  /** Attention of a step's row and query head over given blocks, in double precision. */
  public double[] attend(int row, int queryHead, int[] blocks) {
    int tokens = buffers.work().rows().get(Rows.HEADER + row * Rows.INTS + Rows.POSITION) + 1;
    return attend(
        row,
        queryHead,
        slot(row, queryHead / layout.shape().group()),
        ReferenceAttention.tokens(blocks, tokens, layout.blockSize()));
  }

  /** Causal attention of a chunk's token, in double precision. */
  public double[] encode(int token, int queryHead) {
    int sequence = buffers.work().chunk().get(Chunk.SEQUENCE);
    int position = buffers.work().chunk().get(Chunk.POSITION) + token;
    int head = queryHead / layout.shape().group();
    return attend(
        token,
        queryHead,
        sequence * layout.shape().kvHeads() + head,
        ReferenceAttention.allTokens(position + 1));
  }

  private double[] attend(int row, int queryHead, int slot, int[] positions) {
    return ReferenceAttention.attend(
        query(row, queryHead),
        (position, j) -> cached(buffers.cache().key(), slot, position, j),
        (position, j) -> cached(buffers.cache().value(), slot, position, j),
        positions);
  }

  /** The device's result for a row and query head. */
  public float[] output(int row, int queryHead) {
    int d = layout.shape().headDim();
    float[] output = new float[d];
    for (int j = 0; j < d; j++) {
      output[j] = buffers.work().output().get((row * layout.shape().heads() + queryHead) * d + j);
    }
    return output;
  }

  public float[] deviceScores(int row, int head, int blocks) {
    float[] scores = new float[blocks];
    for (int i = 0; i < blocks; i++) {
      scores[i] = buffers.work().scores().get(list(row, head) + i);
    }
    return scores;
  }

  public void deviceScores(int row, int head, float[] scores) {
    for (int i = 0; i < scores.length; i++) {
      buffers.work().scores().set(list(row, head) + i, scores[i]);
    }
  }

  public int[] deviceSelected(int row, int head, int count) {
    int[] selected = new int[count];
    for (int i = 0; i < count; i++) {
      selected[i] = buffers.work().selected().get(list(row, head) + i);
    }
    return selected;
  }

  public void deviceSelected(int row, int head, int[] selected) {
    for (int i = 0; i < selected.length; i++) {
      buffers.work().selected().set(list(row, head) + i, selected[i]);
    }
  }

  /** The largest error, relative to the largest value. */
  public static double error(double[] expected, float[] actual) {
    double most = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      most = Math.max(most, Math.abs(expected[i]));
      double off = Math.abs(expected[i] - actual[i]);
      error = off >= error ? off : Double.isNaN(off) ? Double.POSITIVE_INFINITY : error;
    }
    return error / most;
  }

  private static float at(TornadoNativeArray array, int index) {
    return array instanceof FloatArray floats
        ? floats.get(index)
        : ((HalfFloatArray) array).get(index).getFloat32();
  }

  private static void put(TornadoNativeArray array, int index, float value) {
    if (array instanceof FloatArray floats) {
      floats.set(index, value);
    } else {
      ((HalfFloatArray) array).set(index, new HalfFloat(value));
    }
  }

  public float key(int sequence, int head, int position, int j) {
    return (float)
        cached(buffers.cache().key(), sequence * layout.shape().kvHeads() + head, position, j);
  }

  public float value(int sequence, int head, int position, int j) {
    return (float)
        cached(buffers.cache().value(), sequence * layout.shape().kvHeads() + head, position, j);
  }

  public float blockMin(int sequence, int head, int block, int j) {
    return at(buffers.cache().blockMin(), descriptor(sequence, head, block, j));
  }

  public float blockMax(int sequence, int head, int block, int j) {
    return at(buffers.cache().blockMax(), descriptor(sequence, head, block, j));
  }

  /** A new key as the cache holds it. */
  public float newKey(int row, int head, int j) {
    return rounded(buffers.work().newKey().get(added(row, head, j)));
  }

  /** A new value as the cache holds it. */
  public float newValue(int row, int head, int j) {
    return rounded(buffers.work().newValue().get(added(row, head, j)));
  }

  private float rounded(float value) {
    return layout.storage().type() == KvType.F16 ? new HalfFloat(value).getFloat32() : value;
  }

  private int added(int row, int head, int j) {
    return (row * layout.shape().kvHeads() + head) * layout.shape().headDim() + j;
  }

  private int descriptor(int sequence, int head, int block, int j) {
    return ((sequence * layout.shape().kvHeads() + head) * layout.blockCapacity() + block)
            * layout.shape().headDim()
        + j;
  }

  private int list(int row, int head) {
    return (row * layout.shape().kvHeads() + head) * layout.blockCapacity();
  }

  private int slot(int row, int head) {
    return buffers.work().rows().get(Rows.HEADER + row * Rows.INTS + Rows.SEQUENCE)
            * layout.shape().kvHeads()
        + head;
  }

  private double[] query(int row, int queryHead) {
    double[] x = new double[layout.shape().headDim()];
    int from = (row * layout.shape().heads() + queryHead) * x.length;
    Arrays.setAll(x, j -> buffers.work().query().get(from + j));
    return x;
  }

  private double cached(TornadoNativeArray array, int slot, int position, int j) {
    return at(array, (slot * layout.contextPadded() + position) * layout.shape().headDim() + j);
  }
}
