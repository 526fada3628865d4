package org.resa4j.tornado;

import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.Limits;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Rope;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A model through TornadoVM: runs the passes of {@link EngineGraphs}. Token ids, rows, angles and
 * chosen ids cross the bus; logits and cache when asked for.
 */
final class TornadoEngine implements Engine {
  private final EngineInfo info;
  private final ModelConfig config;
  private final Rope rope;
  private final EngineArrays arrays;
  private final DeviceProgram program;
  private final StageClock clock = new StageClock();
  private final RowsWriter sent;
  private final DeviceTables tables;
  private final float[] cos;
  private final float[] sin;

  /** What left the last call's logits, and what it chose of each row. */
  private Pass head = Pass.STEP_HEAD;

  private IntArray chosen;
  private int logitRows;
  private boolean closed;

  TornadoEngine(
      ModelConfig config,
      EngineInfo info,
      AttentionLayout layout,
      EngineArrays arrays,
      AttentionTasks attention,
      OpenedDevice device,
      OpenProgress progress) {
    this.info = info;
    this.config = config;
    this.arrays = arrays;
    rope = config.rope().forContext(info.options().contextLength());
    cos = new float[config.attention().headDim() / 2];
    sin = new float[cos.length];
    tables = arrays.tables();
    sent = new RowsWriter(arrays.sent().rows(), arrays.sent().chunk(), tables, layout);
    chosen = arrays.sent().stepChosen();
    program = new DeviceProgram(device, info.options().profile());
    program.onTaskTime(clock::add);
    EngineGraphs.add(program, config, layout, arrays, attention);
    program.start(progress);
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public void encode(EncodeBatch batch) {
    checkOpen();
    Limits.encode(info, batch, config.vocabulary());
    for (int i = 0; i < batch.size(); i++) {
      for (int t = 0; t < batch.count(i); t++) {
        int row = batch.first(i) + t;
        token(row, batch.token(row), batch.position(i) + t);
      }
    }
    sent.chunk(batch);
    startEncode();
    int rows = batch.firstLogitRow(batch.size());
    if (rows == 0) {
      program.run(Pass.ENCODE);
    } else {
      program.start(Pass.ENCODE);
      runHead(rows == 1 ? Pass.ENCODE_HEAD : Pass.ENCODE_HEADS, arrays.sent().encodeChosen(), rows);
    }
  }

  @Override
  public Drift rectify(BlockTable table, int position, int[] tokens, int offset, int count) {
    checkOpen();
    Limits.encode(info, table, position, count);
    Limits.tokens(tokens, offset, count, config.vocabulary());
    for (int i = 0; i < count; i++) {
      token(i, tokens[offset + i], position + i);
    }
    sent.measuredChunk(table, position, count);
    startEncode();
    program.start(Pass.ENCODE);
    program.run(Pass.ENCODE_DRIFT);
    return arrays.drift().toHost();
  }

  /** Everything has been written to what is sent. */
  private void startEncode() {
    logitRows = 0;
    sendTables();
    program.start(Pass.ENCODE_BEGIN);
  }

  /** If they are not what the device has. */
  private void sendTables() {
    if (tables.isStale()) {
      program.start(Pass.TABLES);
      tables.isSent();
    }
  }

  @Override
  public void step(StepBatch batch) {
    checkOpen();
    Limits.step(info, batch);
    for (int row = 0; row < batch.rows(); row++) {
      Limits.token(batch.token(row), config.vocabulary());
    }
    for (int row = 0; row < batch.rows(); row++) {
      token(row, batch.token(row), batch.position(row));
    }
    sent.rows(batch);
    logitRows = 0;
    sendTables();
    program.start(Pass.STEP_BEGIN);
    program.start(batch.isDense() ? Pass.DENSE_STEP : Pass.SPARSE_STEP);
    runHead(Pass.STEP_HEAD, arrays.sent().stepChosen(), batch.rows());
  }

  private void runHead(Pass pass, IntArray choices, int rows) {
    program.run(pass);
    head = pass;
    chosen = choices;
    logitRows = rows;
  }

  private void token(int row, int id, int position) {
    arrays.sent().tokens().set(row, id);
    rope.angles(position, cos, sin, 0);
    FloatArray angles = arrays.sent().angles();
    int base = row * 2 * cos.length;
    for (int j = 0; j < cos.length; j++) {
      angles.set(base + j, cos[j]);
      angles.set(base + cos.length + j, sin[j]);
    }
  }

  @Override
  public int argmax(int row) {
    checkRow(row);
    return chosen.get(row);
  }

  @Override
  public void logits(int row, float[] target) {
    checkRow(row);
    Limits.logits(target, config.vocabulary());
    FloatArray on = arrays.activations().logits();
    long offset = (long) row * config.vocabulary();
    program.fetch(head, on, offset, config.vocabulary());
    HostArrays.read(on, offset, target, config.vocabulary());
  }

  private void checkRow(int row) {
    checkOpen();
    Limits.row(row, logitRows);
  }

  @Override
  public void load(
      int layer, BlockTable table, int position, int count, float[] key, float[] value) {
    checkOpen();
    Limits.cache(arrays.caches().size(), layer);
    Limits.encode(info, table, position, count);
    Limits.keysAndValues(config.attention(), count, key, value);
    int size = count * config.attention().kvHeads() * config.attention().headDim();
    HostArrays.write(key, arrays.sent().keys(), size);
    HostArrays.write(value, arrays.sent().values(), size);
    sent.chunk(table, position, count);
    sendTables();
    program.start(Pass.LOAD_BEGIN);
    program.run(Pass.LOAD, layer);
  }

  @Override
  public void copyPage(int from, int to) {
    checkOpen();
    Limits.copy(info, from, to);
    sent.copy(from, to);
    program.start(Pass.ENCODE_BEGIN);
    program.run(Pass.COPY_PAGE);
  }

  @Override
  public CacheSnapshot snapshot(int layer, BlockTable table, int tokens) {
    checkOpen();
    Limits.cache(arrays.caches().size(), layer);
    Limits.snapshot(info, table, tokens);
    sent.noChunk();
    program.start(Pass.ENCODE_BEGIN);
    program.run(Pass.LOAD, layer);
    return CacheReader.read(program, arrays.caches().get(layer), table, tokens);
  }

  @Override
  public StageTimes stageTimes() {
    return clock.times();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      program.close();
    }
  }
}
