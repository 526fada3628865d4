package org.resa4j.bench.generate;

import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Engine;
import org.resa4j.generate.RandomCache;
import org.resa4j.model.ModelConfig;

/** Fills caches with {@link RandomCache}. */
final class RandomContext implements Context {
  private final RandomCache random;

  /**
   * @param chunk tokens loaded at once
   */
  RandomContext(ModelConfig model, int chunk) {
    random = new RandomCache(model, chunk);
  }

  @Override
  public void fill(Engine engine, BlockTable table, int from, int to) {
    random.fill(engine, table, from, to);
  }
}
