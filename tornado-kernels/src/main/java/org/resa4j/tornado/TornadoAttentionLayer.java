package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.Limits;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Attention of one layer through TornadoVM. */
final class TornadoAttentionLayer implements AttentionLayer {
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
    Placeholders placeholders = new Placeholders();
    buffers = buffers(ArraySource.ALLOCATED, layout, placeholders);
    tables = new DeviceTables(ArraySource.ALLOCATED, layout);
    rows = new RowsWriter(buffers.work().rows(), buffers.work().chunk(), tables, layout);
    AttentionBuffers.Workspace work = buffers.work();
    program = new DeviceProgram(device, info.options().profile());
    program.onTaskTime(clock::add);
    List<TornadoNativeArray> own = buffers.cache().arrays();
    List<TornadoNativeArray> used = new ArrayList<>(placeholders.arrays());
    used.addAll(
        List.of(work.tables(), work.scores(), work.selected(), work.partial(), work.partialSums()));
    List<TornadoNativeArray> vectors = List.of(work.query(), work.newKey(), work.newValue());
    program.share(used);
    DeviceProgram.Graph receive =
        program.graph(Pass.TABLES, List.of(work.tables()), List.of(), List.of(tables.sent()));
    tasks.receiveTables(receive.tasks(), tables.sent(), buffers);
    receive.end();
    for (Pass pass : List.of(Pass.SPARSE_STEP, Pass.DENSE_STEP)) {
      DeviceProgram.Graph step =
          program.graph(pass, used, own, HostArrays.join(vectors, work.rows()));
      tasks.append(step.tasks(), buffers);
      if (pass == Pass.DENSE_STEP) {
        tasks.attendDense(step.tasks().variant("Dense"), buffers);
      } else {
        tasks.estimate(step.tasks(), buffers);
        tasks.select(step.tasks(), buffers);
        tasks.attend(step.tasks(), buffers);
      }
      step.end(work.output().array());
    }
    DeviceProgram.Graph encode =
        program.graph(Pass.ENCODE, used, own, HostArrays.join(vectors, work.chunk()));
    tasks.encodeAppend(encode.tasks(), buffers);
    tasks.encodeAttend(encode.tasks(), buffers);
    encode.end(work.output().array());
    DeviceProgram.Graph load =
        program.graph(
            Pass.LOAD,
            used,
            own,
            HostArrays.join(List.of(work.newKey(), work.newValue()), work.chunk()));
    tasks.encodeAppend(load.tasks(), buffers);
    load.end();
    program.start(OpenProgress.NONE);
  }

  /** Asks a source for all that a layer puts on the device. */
  static void count(ArraySource source, AttentionLayout layout) {
    buffers(source, layout, new Placeholders());
    new DeviceTables(source, layout);
  }

  private static AttentionBuffers buffers(
      ArraySource source, AttentionLayout layout, Placeholders placeholders) {
    return AttentionBuffers.allocate(
        source,
        layout,
        placeholders,
        AttentionBuffers.workspace(source, layout, placeholders, false));
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
    run(Pass.ENCODE);
    copy(buffers.work().output().floats(), output, heads);
  }

  @Override
  public void rectify(
      BlockTable table,
      int position,
      int count,
      ResaConfig config,
      float[] query,
      float[] key,
      float[] value,
      float[] output) {
    config.rectifySelection().ifPresent(by -> Limits.selection(info, by));
    encode(table, position, count, query, key, value, output);
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
    run(Pass.LOAD);
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
    run(lastDense ? Pass.DENSE_STEP : Pass.SPARSE_STEP);
    if (!lastDense) {
      program.fetch(buffers.work().selected());
    }
    copy(buffers.work().output().floats(), output, heads);
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

  /** Runs a pass; before it, that of the block tables if they are not what the device has. */
  private void run(Pass pass) {
    if (tables.isStale()) {
      program.run(Pass.TABLES);
      tables.isSent();
    }
    program.run(pass);
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
