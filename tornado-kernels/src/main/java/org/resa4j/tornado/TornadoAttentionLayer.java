package org.resa4j.tornado;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.Limits;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.KernelGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Attention of one layer through TornadoVM. */
final class TornadoAttentionLayer implements AttentionLayer {
  private static final String TABLES = "tables";
  private static final String STEP = "step";
  private static final String DENSE_STEP = "denseStep";
  private static final String ENCODE = "encode";
  private static final String WRITE = "write";

  private final EngineInfo info;
  private final AttentionLayout layout;
  private final AttentionBuffers buffers;
  private final DeviceProgram program;
  private final StageClock clock = new StageClock();
  private final DeviceTables tables;
  private final RowsWriter rows;
  private final int[] lastBlocks;
  private int lastRows;
  private boolean lastDense;
  private boolean closed;

  TornadoAttentionLayer(
      EngineInfo info, AttentionLayout layout, AttentionTasks tasks, OpenedDevice device) {
    this.info = info;
    this.layout = layout;
    lastBlocks = new int[layout.sequences()];
    buffers =
        new AttentionBuffers(
            layout,
            AttentionBuffers.Cache.allocate(layout),
            AttentionBuffers.Workspace.allocate(layout));
    tables = new DeviceTables(layout);
    rows = new RowsWriter(buffers.work().rows(), buffers.work().chunk(), tables, layout);
    AttentionBuffers.Workspace work = buffers.work();
    AttentionBuffers.Cache cache = buffers.cache();
    program = new DeviceProgram(device, info.options().profile());
    program.onTaskTime(clock::add);
    List<TornadoNativeArray> own =
        List.of(cache.key(), cache.value(), cache.blockMin(), cache.blockMax());
    List<TornadoNativeArray> used =
        List.of(work.tables(), work.scores(), work.selected(), work.partial(), work.partialSums());
    List<TornadoNativeArray> vectors = List.of(work.query(), work.newKey(), work.newValue());
    program.share(used);
    DeviceProgram.Graph receive =
        program.graph(TABLES, TABLES, List.of(work.tables()), List.of(), List.of(tables.sent()));
    tasks.receiveTables(receive.tasks(""), tables.sent(), buffers);
    receive.end();
    for (boolean dense : new boolean[] {false, true}) {
      DeviceProgram.Graph step =
          program.graph(
              dense ? DENSE_STEP : STEP, STEP, used, own, HostArrays.join(vectors, work.rows()));
      KernelGraph graph = step.tasks("");
      tasks.append(graph, buffers);
      if (dense) {
        tasks.attendDense(step.tasks("Dense"), buffers);
      } else {
        tasks.estimate(graph, buffers);
        tasks.select(graph, buffers);
        tasks.attend(graph, buffers);
      }
      step.end(work.output());
    }
    DeviceProgram.Graph encode =
        program.graph(ENCODE, ENCODE, used, own, HostArrays.join(vectors, work.chunk()));
    tasks.encodeAppend(encode.tasks(""), buffers);
    tasks.encodeAttend(encode.tasks(""), buffers);
    encode.end(work.output());
    DeviceProgram.Graph load =
        program.graph(
            WRITE,
            ENCODE,
            used,
            own,
            HostArrays.join(List.of(work.newKey(), work.newValue()), work.chunk()));
    load.untimed();
    tasks.encodeAppend(load.tasks(""), buffers);
    load.end();
    program.start(OpenProgress.NONE);
  }

  @Override
  public AttentionShape shape() {
    return layout.shape();
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public void encode(
      BlockTable table,
      int position,
      int count,
      float[] query,
      float[] key,
      float[] value,
      float[] output) {
    checkOpen();
    Limits.encode(info, table, position, count);
    Limits.arrays(layout.shape(), count, query, key, value, output);
    rows.chunk(table, position, count);
    int heads = count * layout.shape().heads() * layout.shape().headDim();
    copyIn(count, heads, query, key, value);
    run(ENCODE);
    copy(buffers.work().output(), output, heads);
  }

  @Override
  public void load(BlockTable table, int position, int count, float[] key, float[] value) {
    checkOpen();
    Limits.encode(info, table, position, count);
    Limits.keysAndValues(layout.shape(), count, key, value);
    rows.chunk(table, position, count);
    int kvHeads = count * layout.shape().kvHeads() * layout.shape().headDim();
    copy(key, buffers.work().newKey(), kvHeads);
    copy(value, buffers.work().newValue(), kvHeads);
    run(WRITE);
  }

  @Override
  public void step(StepBatch batch, float[] query, float[] key, float[] value, float[] output) {
    checkOpen();
    Limits.step(info, batch);
    Limits.arrays(layout.shape(), batch.rows(), query, key, value, output);
    rows.rows(batch);
    int heads = batch.rows() * layout.shape().heads() * layout.shape().headDim();
    copyIn(batch.rows(), heads, query, key, value);
    lastDense = batch.isDense();
    lastRows = batch.rows();
    for (int row = 0; row < batch.rows(); row++) {
      lastBlocks[row] = batch.keepBlocks(row);
    }
    run(lastDense ? DENSE_STEP : STEP);
    if (!lastDense) {
      program.fetch(buffers.work().selected());
    }
    copy(buffers.work().output(), output, heads);
  }

  @Override
  public int[] selected(int row, int kvHead) {
    checkOpen();
    Limits.row(row, lastRows);
    Limits.kvHead(layout.shape(), kvHead);
    int[] selected = new int[lastBlocks[row]];
    int base = (row * layout.shape().kvHeads() + kvHead) * layout.blockCapacity();
    for (int i = 0; i < selected.length; i++) {
      selected[i] = lastDense ? i : buffers.work().selected().get(base + i);
    }
    return selected;
  }

  @Override
  public CacheSnapshot snapshot(BlockTable table, int tokens) {
    checkOpen();
    Limits.snapshot(info, table, tokens);
    return CacheReader.read(program, buffers, table, tokens);
  }

  /** Runs a graph; before it, that of the block tables if they are not what the device has. */
  private void run(String key) {
    if (tables.isStale()) {
      program.run(TABLES);
      tables.isSent();
    }
    program.run(key);
  }

  @Override
  public StageTimes stageTimes() {
    return clock.times();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the layer is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      program.close();
    }
  }

  private void copyIn(int count, int heads, float[] query, float[] key, float[] value) {
    int kvHeads = count * layout.shape().kvHeads() * layout.shape().headDim();
    copy(query, buffers.work().query(), heads);
    copy(key, buffers.work().newKey(), kvHeads);
    copy(value, buffers.work().newValue(), kvHeads);
  }

  private static void copy(float[] from, FloatArray to, int count) {
    HostArrays.write(from, to, count);
  }

  private static void copy(FloatArray from, float[] to, int count) {
    HostArrays.read(from, to, count);
  }
}
