package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.util.Optional;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.engine.jvm.StageClock.Stage;

/** One layer's attention on the JVM. */
final class JvmAttentionLayer implements AttentionLayer {
  private final AttentionShape shape;
  private final EngineInfo info;
  private final Workers workers;
  private final Arena arena;
  private final StageClock clock;
  private final LayerCache cache;
  private final SparseAttention attention;
  private final EncodeAttention encoding;
  private final EncodeBatch batch;

  /** Attention has no use for token ids. */
  private final int[] noTokens;

  private boolean closed;

  /**
   * @param workers closed with the layer
   * @param arena where the cache goes; closed with the layer
   */
  JvmAttentionLayer(
      AttentionShape shape, EngineInfo info, VectorOps ops, Workers workers, Arena arena) {
    this.shape = shape;
    this.info = info;
    this.workers = workers;
    this.arena = arena;
    clock = new StageClock(info.options().profile());
    cache =
        new LayerCache(new CachePlan(shape, info.kvType(), 1, info.options(), info.pages()), arena);
    batch = new EncodeBatch(1, info.options().encodeTokens());
    noTokens = new int[info.options().encodeTokens()];
    attention = new SparseAttention(shape, info.options(), info.kvType(), ops, workers, clock);
    encoding = new EncodeAttention(shape, info.options(), info.kvType(), ops, workers);
  }

  @Override
  public AttentionShape shape() {
    return shape;
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
    encode(table, position, count, Optional.empty(), query, key, value, output);
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
    encode(table, position, count, config.rectifySelection(), query, key, value, output);
  }

  private void encode(
      BlockTable table,
      int position,
      int count,
      Optional<ResaConfig> selection,
      float[] query,
      float[] key,
      float[] value,
      float[] output) {
    checkOpen();
    Limits.encode(info, table, position, count);
    selection.ifPresent(by -> Limits.selection(info, by));
    Limits.arrays(shape, count, query, key, value, output);
    clock.start();
    cache.write(table, position, count, key, value, 0);
    batch.clear();
    batch.add(table, position, noTokens, 0, count, EncodeBatch.Logits.NONE);
    selection.ifPresent(batch::select);
    encoding.run(cache, batch, query, output);
    clock.book(Stage.ENCODE);
  }

  @Override
  public void load(BlockTable table, int position, int count, float[] key, float[] value) {
    checkOpen();
    Limits.encode(info, table, position, count);
    Limits.keysAndValues(shape, count, key, value);
    cache.write(table, position, count, key, value, 0);
  }

  @Override
  public void step(StepBatch batch, float[] query, float[] key, float[] value, float[] output) {
    checkOpen();
    Limits.step(info, batch);
    Limits.arrays(shape, batch.rows(), query, key, value, output);
    clock.start();
    cache.append(batch, key, value);
    clock.book(Stage.REST);
    attention.step(cache, batch, query, output);
    if (batch.isObserved()) {
      attention.tell(0);
    }
  }

  @Override
  public int[] selected(int row, int kvHead) {
    checkOpen();
    return attention.selected(row, kvHead);
  }

  @Override
  public CacheSnapshot snapshot(BlockTable table, int tokens) {
    checkOpen();
    Limits.snapshot(info, table, tokens);
    return cache.snapshot(table, tokens);
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
      workers.close();
      arena.close();
    }
  }
}
