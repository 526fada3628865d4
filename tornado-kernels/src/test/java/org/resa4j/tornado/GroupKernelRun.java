package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvStorage;
import org.resa4j.engine.KvType;
import org.resa4j.model.DType;
import org.resa4j.model.Quantiser;
import org.resa4j.model.Tensor;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.HostMemory;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.group.GroupAttention;
import org.resa4j.tornado.group.GroupFamily;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.mma.MmaFamily;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Buffers with random contents, stages of the group kernels run on them, and plain references. */
public final class GroupKernelRun {
  /** Index of the device that kernels are tested on; property {@code resa.test.device}. */
  public static final int DEVICE = Integer.getInteger("resa.test.device", 0);

  private final OpenedDevice opened;
  private final AttentionTasks tasks;
  private final AttentionLayout layout;
  private final Placeholders placeholders = new Placeholders();
  private final AttentionBuffers buffers;
  private final List<BlockTable> tables = new ArrayList<>();
  private final RowsWriter writer;

  /** The second of three caches. */
  private final DriftBuffers drift;

  /** Adds the tasks of a stage. */
  @FunctionalInterface
  public interface Stage {
    void add(AttentionTasks tasks, KernelGraph graph, AttentionBuffers buffers);
  }

  /**
   * Random queries, new keys and values, cache and the descriptors that belong to it. The pages of
   * a sequence lie from the cache's end to its beginning, those of others among them.
   *
   * @param device index of the device
   */
  public GroupKernelRun(
      int device, AttentionShape shape, EngineOptions options, KvType type, long seed) {
    this(device, shape, options, type, seed, true);
  }

  /**
   * @param scattered whether no page of a sequence lies next to another
   */
  public GroupKernelRun(
      int device,
      AttentionShape shape,
      EngineOptions options,
      KvType type,
      long seed,
      boolean scattered) {
    this(device, shape, options, type, seed, scattered, GroupKernelRun::usual);
  }

  /** With encode in tiles, on CPUs too. */
  public static GroupKernelRun tiled(
      int device, AttentionShape shape, EngineOptions options, KvType type, long seed) {
    return new GroupKernelRun(
        device, shape, options, type, seed, true, opened -> new GroupAttention(opened, true));
  }

  private static AttentionTasks usual(Device device) {
    KernelFamily family = device.backend().equals("cuda") ? new MmaFamily() : new GroupFamily();
    return family.attention(device);
  }

  private GroupKernelRun(
      int device,
      AttentionShape shape,
      EngineOptions options,
      KvType type,
      long seed,
      boolean scattered,
      Function<Device, AttentionTasks> kernels) {
    opened = TornadoDevices.all().get(device);
    tasks = kernels.apply(opened.device());
    KvStorage storage = tasks.storage(type, opened.device());
    layout =
        AttentionLayout.of(CachePlan.of(shape, type, storage, 1, options), tasks, opened.device());
    buffers =
        AttentionBuffers.allocate(
            ArraySource.ALLOCATED,
            layout,
            placeholders,
            AttentionBuffers.workspace(ArraySource.ALLOCATED, layout, placeholders, false));
    DeviceTables sent = new DeviceTables(ArraySource.ALLOCATED, layout);
    int pages = layout.plan().pages();
    for (int sequence = 0; sequence < layout.sequences(); sequence++) {
      BlockTable table = new BlockTable(pages);
      for (int i = 0; i < layout.tablePages(); i++) {
        table.add(
            scattered
                ? pages - 1 - i * layout.sequences() - sequence
                : sequence * layout.tablePages() + i);
      }
      tables.add(table);
      sent.begin();
      // There is room for all, so each stays where it is.
      assertThat(sent.offset(table)).isEqualTo(sequence * layout.tablePages());
    }
    for (int i = 0; i < sent.sent().getSize(); i++) {
      buffers.work().tables().set(i, sent.sent().get(i));
    }
    writer = new RowsWriter(buffers.work().rows(), buffers.work().chunk(), sent, layout);
    drift = DriftBuffers.allocate(ArraySource.ALLOCATED, layout, 3).of(1);
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
    IntStream.range(0, layout.shape().kvHeads() * layout.cacheBlocks())
        .parallel()
        .forEach(
            block -> {
              SplittableRandom random = new SplittableRandom(seed * 31 + block);
              float[] row = new float[d];
              for (int t = 0; t < b; t++) {
                for (CachedRows rows : List.of(buffers.cache().key(), buffers.cache().value())) {
                  for (int j = 0; j < d; j++) {
                    row[j] = value(random);
                  }
                  rows.set((block * b + t) * d, row);
                }
              }
              for (int j = 0; j < d; j++) {
                float min = Float.POSITIVE_INFINITY;
                float max = Float.NEGATIVE_INFINITY;
                for (int t = 0; t < b; t++) {
                  float k = buffers.cache().key().get((block * b + t) * d + j);
                  min = Math.min(min, k);
                  max = Math.max(max, k);
                }
                buffers.cache().blockMin().set(block * d + j, min);
                buffers.cache().blockMax().set(block * d + j, max);
              }
            });
  }

  /**
   * Fills the cache again, and with no numbers where a sequence has no token.
   *
   * @param tokens of each sequence
   */
  public void fill(long seed, int[] tokens) {
    fillCache(seed);
    for (int sequence = 0; sequence < layout.sequences(); sequence++) {
      for (int head = 0; head < layout.shape().kvHeads(); head++) {
        int capacity = layout.tablePages() * layout.pageTokens();
        float[] none = new float[layout.shape().headDim()];
        Arrays.fill(none, Float.NaN);
        for (int position = tokens[sequence]; position < capacity; position++) {
          buffers.cache().key().set(index(sequence, head, position, 0), none);
          buffers.cache().value().set(index(sequence, head, position, 0), none);
          for (int j = 0; j < layout.shape().headDim(); j++) {
            if (position % layout.blockSize() == 0) {
              int block = descriptor(sequence, head, position / layout.blockSize(), j);
              buffers.cache().blockMin().set(block, Float.NaN);
              buffers.cache().blockMax().set(block, Float.NaN);
            }
          }
        }
      }
    }
  }

  /** Sets a step's next row. */
  public void row(int row, int sequence, int position, int keepBlocks, int localBlocks) {
    int at = Rows.HEADER + row * Rows.INTS;
    buffers.work().rows().set(Rows.COUNT, row + 1);
    buffers.work().rows().set(at + Rows.TABLE, sequence * layout.tablePages());
    buffers.work().rows().set(at + Rows.POSITION, position);
    buffers.work().rows().set(at + Rows.KEEP_BLOCKS, keepBlocks);
    buffers.work().rows().set(at + Rows.LOCAL_BLOCKS, localBlocks);
  }

  /** Sets an encode call's tokens: of each sequence its number, a position and a count. */
  public void chunk(int[]... sequences) {
    EncodeBatch batch = new EncodeBatch(layout.sequences(), layout.encodeTokens());
    int[] tokens = new int[layout.encodeTokens()];
    for (int[] each : sequences) {
      batch.add(tables.get(each[0]), each[1], tokens, 0, each[2], EncodeBatch.Logits.NONE);
    }
    writer.chunk(batch);
  }

  public void chunk(int sequence, int position, int count) {
    chunk(new int[] {sequence, position, count});
  }

  /** Sets the pages of a copy: the n-th of two sequences. */
  public void copy(int from, int fromPage, int to, int toPage) {
    writer.copy(tables.get(from).page(fromPage), tables.get(to).page(toPage));
  }

  private int ofToken(int token, int field) {
    return buffers.work().chunk().get(Chunk.HEADER + token * Chunk.INTS + field);
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
      int sequence = ofToken(token, Chunk.TABLE) / layout.tablePages();
      int position = ofToken(token, Chunk.POSITION);
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
    return Stream.of(
            List.of(
                work.query(),
                work.newKey(),
                work.newValue(),
                work.scores(),
                work.selected(),
                work.partial(),
                work.partialSums(),
                work.output().array(),
                drift.parts(),
                drift.sums()),
            placeholders.arrays(),
            buffers.cache().arrays())
        .flatMap(List::stream)
        .toArray(TornadoNativeArray[]::new);
  }

  private static void look(
      IntArray keyNumbers,
      FloatArray keyScales,
      IntArray valueNumbers,
      FloatArray valueScales,
      FloatArray seen) {
    seen.set(0, keyNumbers.get(0) + keyScales.get(0) + valueNumbers.get(0) + valueScales.get(0));
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
        buffers.work().tables(),
        drift.cache());
    KernelGraph kernels = new KernelGraph(graph, grids);
    CachedRows key = buffers.cache().key();
    CachedRows value = buffers.cache().value();
    if (key.format() == CachedRows.EIGHT) {
      // What a graph writes first is not sent: a look at it before.
      FloatArray seen = HostMemory.floats(1);
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, seen);
      kernels.add(
          TaskPackage.createPackage(
              kernels.id(org.resa4j.tornado.graph.Stage.LOAD),
              GroupKernelRun::look,
              key.numbers(),
              key.floats(),
              value.numbers(),
              value.floats(),
              seen),
          new WorkerGrid1D(1));
    }
    for (Stage stage : stages) {
      stage.add(tasks, kernels, buffers);
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
   * divided; not under a CUDA graph the device's own, as starting each task takes the host longer
   * than many of them run.
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
        buffers.work().tables(),
        drift.cache());
    KernelGraph kernels = new KernelGraph(graph, grids);
    for (int i = 0; i < repetitions; i++) {
      for (Stage stage : stages) {
        stage.add(tasks, kernels.variant("_" + i), buffers);
      }
    }
    graph.persistOnDevice((Object[]) arrays());
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(opened.target());
      TornadoExecutionPlan scheduled = plan.withGridScheduler(grids);
      if (cudaGraph) {
        scheduled = scheduled.withCUDAGraph();
      } else {
        scheduled = scheduled.withProfiler(ProfilerMode.SILENT);
      }
      long[] times = new long[runs];
      for (int i = -5; i < runs; i++) {
        long start = System.nanoTime();
        TornadoExecutionResult result = scheduled.execute();
        long took = System.nanoTime() - start;
        if (i >= 0) {
          times[i] = cudaGraph ? took : result.getProfilerResult().getDeviceKernelTime();
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
        bounds(buffers.cache().blockMin(), sequence(row), head),
        bounds(buffers.cache().blockMax(), sequence(row), head),
        blocks);
  }

  private Vectors bounds(Reals values, int sequence, int head) {
    return (block, j) -> values.get(descriptor(sequence, head, block, j));
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
        sequence(row),
        ReferenceAttention.tokens(blocks, tokens, layout.blockSize()));
  }

  /** Causal attention of a chunk's token, in double precision. */
  public double[] encode(int token, int queryHead) {
    return attend(
        token,
        queryHead,
        ofToken(token, Chunk.TABLE) / layout.tablePages(),
        ReferenceAttention.allTokens(ofToken(token, Chunk.POSITION) + 1));
  }

  private double[] attend(int row, int queryHead, int sequence, int[] positions) {
    int head = queryHead / layout.shape().group();
    return ReferenceAttention.attend(
        query(row, queryHead),
        (position, j) -> cached(buffers.cache().key(), sequence, head, position, j),
        (position, j) -> cached(buffers.cache().value(), sequence, head, position, j),
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

  public float key(int sequence, int head, int position, int j) {
    return (float) cached(buffers.cache().key(), sequence, head, position, j);
  }

  public float value(int sequence, int head, int position, int j) {
    return (float) cached(buffers.cache().value(), sequence, head, position, j);
  }

  /** Sets a key's value, as the cache can hold it. */
  public void setKey(int sequence, int head, int position, int j, float value) {
    buffers.cache().key().set(index(sequence, head, position, j), value);
  }

  public float blockMin(int sequence, int head, int block, int j) {
    return buffers.cache().blockMin().get(descriptor(sequence, head, block, j));
  }

  public float blockMax(int sequence, int head, int block, int j) {
    return buffers.cache().blockMax().get(descriptor(sequence, head, block, j));
  }

  /** A new key as the cache holds it. */
  public float newKey(int row, int head, int j) {
    return rounded(buffers.work().newKey(), added(row, head, j));
  }

  /** A new value as the cache holds it. */
  public float newValue(int row, int head, int j) {
    return rounded(buffers.work().newValue(), added(row, head, j));
  }

  private float rounded(FloatArray values, int index) {
    return switch (layout.plan().type()) {
      case F32 -> values.get(index);
      case F16 -> new HalfFloat(values.get(index)).getFloat32();
      case Q8 -> {
        float[] group = new float[32];
        for (int i = 0; i < 32; i++) {
          group[i] = values.get(index / 32 * 32 + i);
        }
        MemorySegment block = MemorySegment.ofArray(new byte[34]);
        Quantiser.of(DType.Q8_0).write(group, 0, 32, block, 0);
        new Tensor("group", DType.Q8_0, new long[] {32}, block).widen(0, 32, group, 0);
        yield group[index % 32];
      }
    };
  }

  /** A bound of keys as the cache holds it. */
  public float bound(float value) {
    return layout.plan().type().descriptors() == DType.F16
        ? Float.float16ToFloat(Float.floatToFloat16(value))
        : value;
  }

  private int added(int row, int head, int j) {
    return (row * layout.shape().kvHeads() + head) * layout.shape().headDim() + j;
  }

  private int descriptor(int sequence, int head, int block, int j) {
    int page = tables.get(sequence).page(block / layout.pageBlocks());
    int inPage = block % layout.pageBlocks();
    return (head * layout.cacheBlocks() + page * layout.pageBlocks() + inPage)
            * layout.shape().headDim()
        + j;
  }

  private int list(int row, int head) {
    return (row * layout.shape().kvHeads() + head) * layout.blockCapacity();
  }

  private int sequence(int row) {
    return buffers.work().rows().get(Rows.HEADER + row * Rows.INTS + Rows.TABLE)
        / layout.tablePages();
  }

  private double[] query(int row, int queryHead) {
    double[] x = new double[layout.shape().headDim()];
    int from = (row * layout.shape().heads() + queryHead) * x.length;
    Arrays.setAll(x, j -> buffers.work().query().get(from + j));
    return x;
  }

  private double cached(CachedRows values, int sequence, int head, int position, int j) {
    return values.get(index(sequence, head, position, j));
  }

  private int index(int sequence, int head, int position, int j) {
    int page = tables.get(sequence).page(position / layout.pageTokens());
    int row = head * layout.cacheTokens() + page * layout.pageTokens();
    return (row + position % layout.pageTokens()) * layout.shape().headDim() + j;
  }
}
