package org.resa4j.generate;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Device;
import org.resa4j.engine.Drift;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;

/** Writes down its calls; the token after token t is t + 1. */
public class RecordingEngine implements Engine {
  final List<String> calls = new ArrayList<>();
  private final EngineOptions options;
  private int[] next = {};

  /** Relative drift that every rectification finds, in K and V alike. */
  double drift;

  public RecordingEngine(EngineOptions options) {
    this.options = options;
  }

  @Override
  public EngineInfo info() {
    Device device = new Device("test", "test", "test", "test", Device.Kind.CPU, 1, 1, true, 1);
    return new EngineInfo(device, KvType.F32, "F32", 1, true, 1, options);
  }

  @Override
  public void encode(
      int sequence, int position, int[] tokens, int offset, int count, boolean logits) {
    calls.add(
        "encode %d at %d: %d..%d%s"
            .formatted(
                sequence,
                position,
                tokens[offset],
                tokens[offset + count - 1],
                logits ? " logits" : ""));
    next = new int[] {tokens[offset + count - 1] + 1};
  }

  @Override
  public Drift rectify(int sequence, int position, int[] tokens, int offset, int count) {
    calls.add(
        "rectify %d at %d: %d..%d"
            .formatted(sequence, position, tokens[offset], tokens[offset + count - 1]));
    double change = drift * drift * count;
    return new Drift(List.of(new Drift.Layer(change, count, change, count)));
  }

  @Override
  public void step(StepBatch batch) {
    StringBuilder call = new StringBuilder("step");
    next = new int[batch.rows()];
    for (int row = 0; row < batch.rows(); row++) {
      call.append(
          " %d at %d: %d".formatted(batch.sequence(row), batch.position(row), batch.token(row)));
      next[row] = batch.token(row) + 1;
    }
    calls.add(call.toString());
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
  public void load(int layer, int sequence, int position, int count, float[] key, float[] value) {
    throw new UnsupportedOperationException("no cache");
  }

  @Override
  public CacheSnapshot snapshot(int layer, int sequence, int tokens) {
    throw new UnsupportedOperationException("no cache");
  }

  @Override
  public StageTimes stageTimes() {
    return StageTimes.NONE;
  }

  @Override
  public void close() {}
}
