package org.resa4j.generate;

import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;

/** Does what another engine does; tests change a call or look at it. */
class EngineDecorator implements Engine {
  private final Engine engine;

  EngineDecorator(Engine engine) {
    this.engine = engine;
  }

  @Override
  public EngineInfo info() {
    return engine.info();
  }

  @Override
  public void encode(EncodeBatch batch) {
    engine.encode(batch);
  }

  @Override
  public Drift rectify(BlockTable table, int position, int[] tokens, int offset, int count) {
    return engine.rectify(table, position, tokens, offset, count);
  }

  @Override
  public void step(StepBatch batch) {
    engine.step(batch);
  }

  @Override
  public int argmax(int row) {
    return engine.argmax(row);
  }

  @Override
  public void logits(int row, float[] target) {
    engine.logits(row, target);
  }

  @Override
  public void load(
      int layer, BlockTable table, int position, int count, float[] key, float[] value) {
    engine.load(layer, table, position, count, key, value);
  }

  @Override
  public void copyPage(int from, int to) {
    engine.copyPage(from, to);
  }

  @Override
  public CacheSnapshot snapshot(int layer, BlockTable table, int tokens) {
    return engine.snapshot(layer, table, tokens);
  }

  @Override
  public StageTimes stageTimes() {
    return engine.stageTimes();
  }

  @Override
  public void close() {
    engine.close();
  }
}
