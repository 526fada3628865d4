package org.resa4j.generate;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Device;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;

/** Writes down its calls; the token after token t is t + 1. */
public class RecordingEngine implements Engine {
  final List<String> calls = new ArrayList<>();
  private final EngineOptions options;
  private final List<BlockTable> tables = new ArrayList<>();
  private int[] next = {};

  boolean encodesSelections;

  /** Relative drift that every rectification finds, in K and V alike. */
  double drift;

  public RecordingEngine(EngineOptions options) {
    this.options = options;
  }

  @Override
  public EngineInfo info() {
    Device device = new Device("test", "test", "test", "test", Device.Kind.CPU, 1, 1, true, 1);
    CachePlan plan = CachePlan.of(new AttentionShape(1, 1, 1), KvType.F32, 1, options);
    return new EngineInfo(
        device,
        "none",
        KvType.F32,
        "F32",
        1,
        true,
        plan.pages(),
        plan.bytes(),
        options,
        false,
        encodesSelections);
  }

  /** The number of a sequence, in the order in which their tables were first seen. */
  private int number(BlockTable table) {
    if (!tables.contains(table)) {
      tables.add(table);
    }
    return tables.indexOf(table);
  }

  @Override
  public void encode(EncodeBatch batch) {
    Limits.encode(info(), batch, Integer.MAX_VALUE);
    StringBuilder call = new StringBuilder("encode");
    next = new int[batch.firstLogitRow(batch.size())];
    int row = 0;
    for (int i = 0; i < batch.size(); i++) {
      int first = batch.first(i);
      int last = first + batch.count(i) - 1;
      call.append(
          " %d at %d: %d..%d"
              .formatted(
                  number(batch.table(i)),
                  batch.position(i),
                  batch.token(first),
                  batch.token(last)));
      batch.selection(i).ifPresent(by -> call.append(" over ").append(by.keepRatio()));
      call.append(
          switch (batch.logits(i)) {
            case NONE -> "";
            case LAST -> " logits";
            case ALL -> " all logits";
          });
      for (int t = last - batch.logitRows(i) + 1; t <= last; t++) {
        next[row++] = batch.token(t) + 1;
      }
    }
    calls.add(call.toString());
  }

  @Override
  public Drift rectify(BlockTable table, int position, int[] tokens, int offset, int count) {
    Limits.encode(info(), table, position, count);
    calls.add(
        "rectify %d at %d: %d..%d"
            .formatted(number(table), position, tokens[offset], tokens[offset + count - 1]));
    double change = drift * drift * count;
    return new Drift(List.of(new Drift.Layer(change, count, change, count)));
  }

  @Override
  public void step(StepBatch batch) {
    Limits.step(info(), batch);
    StringBuilder call = new StringBuilder("step");
    next = new int[batch.rows()];
    for (int row = 0; row < batch.rows(); row++) {
      call.append(
          " %d at %d: %d"
              .formatted(number(batch.table(row)), batch.position(row), batch.token(row)));
      next[row] = batch.token(row) + 1;
    }
    calls.add(call.toString());
  }

  /** The token after a row of the last call is another one. */
  void choose(int row, int token) {
    next[row] = token;
  }

  @Override
  public int argmax(int row) {
    return next[row];
  }

  @Override
  public void logits(int row, float[] target) {
    throw new UnsupportedOperationException("greedy only");
  }

  @Override
  public void load(
      int layer, BlockTable table, int position, int count, float[] key, float[] value) {
    throw new UnsupportedOperationException("no cache");
  }

  @Override
  public void copyPage(int from, int to) {
    calls.add("copy");
  }

  @Override
  public CacheSnapshot snapshot(int layer, BlockTable table, int tokens) {
    throw new UnsupportedOperationException("no cache");
  }

  @Override
  public StageTimes stageTimes() {
    return StageTimes.NONE;
  }

  @Override
  public void close() {}
}
