package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.engine.jvm.StageClock.Stage;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/**
 * The forward pass on the JVM: Vector API, all cores, weights in place. Nothing but what a call
 * returns is allocated after the engine is open.
 */
final class JvmEngine implements Engine {
  private final EngineInfo info;
  private final ModelConfig config;
  private final Rope rope;
  private final AttentionShape shape;
  private final Tensor embedding;
  private final VectorOps ops;
  private final Workers workers;
  private final Arena arena;
  private final StageClock clock;
  private final SparseAttention attention;
  private final EncodeAttention encoding;
  private final JvmLayer[] layers;
  private final float[] finalNorm;
  private final Linear head;
  private final Workers.Body swiGluBody = this::swiGlu;
  private final Workers.Body rotaryBody = this::normAndTurn;

  // Activations, [token][width]; tokens are the rows of a step or the tokens of an encode.
  private final float[] residual;
  private final float[] normed;
  private final float[] query;
  private final float[] key;
  private final float[] value;
  private final float[] attended;
  private final float[] projected;
  private final float[] gate;
  private final float[] up;
  private final float[] cos;
  private final float[] sin;
  private final float[] logits;
  private int logitRows;
  private JvmLayer layer;
  private boolean closed;

  /**
   * @param workers closed with the engine
   * @param arena where the caches go; closed with the engine
   */
  JvmEngine(Model model, EngineInfo info, VectorOps ops, Workers workers, Arena arena) {
    this.info = info;
    this.ops = ops;
    config = model.config();
    shape = config.attention();
    EngineOptions options = info.options();
    rope = config.rope().forContext(options.contextLength());
    this.workers = workers;
    this.arena = arena;
    clock = new StageClock(options.profile());
    attention = new SparseAttention(shape, options, info.kvType(), ops, workers, clock);
    encoding = new EncodeAttention(shape, options, info.kvType(), ops, workers);
    int tokens = Math.max(options.sequences(), options.encodeTokens());
    residual = new float[size(tokens, config.hidden())];
    normed = new float[residual.length];
    query = new float[size(tokens, shape.heads() * shape.headDim())];
    attended = new float[query.length];
    key = new float[size(tokens, shape.kvHeads() * shape.headDim())];
    value = new float[key.length];
    projected = new float[residual.length];
    gate = new float[size(tokens, config.intermediate())];
    up = new float[gate.length];
    cos = new float[size(tokens, shape.headDim() / 2)];
    sin = new float[cos.length];
    logits = new float[size(options.logitRows(), config.vocabulary())];
    embedding = model.embedding();
    finalNorm = model.finalNorm().toFloats();
    head = new Linear(ops, workers, Linear.Part.of(Projection.of(model.head()), logits));
    CachePlan plan = new CachePlan(shape, info.kvType(), config.caches(), options, info.pages());
    layers = new JvmLayer[config.layers()];
    for (int i = 0; i < layers.length; i++) {
      LayerCache cache = i < config.caches() ? new LayerCache(plan, arena) : layers[0].cache;
      layers[i] =
          new JvmLayer(
              model.layers().get(i),
              cache,
              ops,
              workers,
              new JvmLayer.Outputs(query, key, value, projected, gate, up));
    }
  }

  private static int size(int tokens, int width) {
    return Math.multiplyExact(tokens, width);
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public void encode(EncodeBatch batch) {
    checkOpen();
    Limits.encode(info, batch, config.vocabulary());
    encode(batch, cached -> {});
    int rows = 0;
    for (int i = 0; i < batch.size(); i++) {
      int end = batch.first(i) + batch.count(i);
      for (int token = end - batch.logitRows(i); token < end; token++) {
        System.arraycopy(
            residual, token * config.hidden(), residual, rows++ * config.hidden(), config.hidden());
      }
    }
    if (rows > 0) {
      computeLogits(rows);
    }
    clock.book(Stage.ENCODE);
  }

  @Override
  public Drift rectify(BlockTable table, int position, int[] tokens, int offset, int count) {
    checkOpen();
    Limits.encode(info, table, position, count);
    EncodeBatch batch =
        EncodeBatch.of(table, position, tokens, offset, count, EncodeBatch.Logits.NONE);
    Limits.encode(info, batch, config.vocabulary());
    List<Drift.Layer> drifts = new ArrayList<>();
    encode(batch, cached -> drifts.add(cached.drift(table, position, count, key, value)));
    clock.book(Stage.ENCODE);
    return new Drift(drifts);
  }

  /**
   * @param beforeWrite sees each cache while the new K and V are ready and not yet in it
   */
  private void encode(EncodeBatch batch, Consumer<LayerCache> beforeWrite) {
    clock.start();
    for (int i = 0; i < batch.size(); i++) {
      for (int t = 0; t < batch.count(i); t++) {
        int row = batch.first(i) + t;
        embed(batch.token(row), row);
        rope.angles(batch.position(i) + t, cos, sin, row * rope.pairs());
      }
    }
    for (JvmLayer each : layers) {
      layer = each;
      project(batch.tokens());
      if (each.writesCache) {
        beforeWrite.accept(each.cache);
        for (int i = 0; i < batch.size(); i++) {
          each.cache.write(
              batch.table(i), batch.position(i), batch.count(i), key, value, batch.first(i));
        }
      }
      encoding.run(each.cache, batch, query, attended);
      projectAndMlp(batch.tokens());
    }
    logitRows = 0;
  }

  @Override
  public void step(StepBatch batch) {
    checkOpen();
    Limits.step(info, batch);
    for (int row = 0; row < batch.rows(); row++) {
      Limits.token(batch.token(row), config.vocabulary());
    }
    clock.start();
    for (int row = 0; row < batch.rows(); row++) {
      embed(batch.token(row), row);
      rope.angles(batch.position(row), cos, sin, row * rope.pairs());
    }
    for (int i = 0; i < layers.length; i++) {
      JvmLayer each = layers[i];
      layer = each;
      project(batch.rows());
      if (each.writesCache) {
        each.cache.append(batch, key, value);
      }
      clock.book(Stage.REST);
      attention.step(each.cache, batch, query, attended);
      if (batch.isObserved()) {
        attention.tell(i);
      }
      projectAndMlp(batch.rows());
    }
    computeLogits(batch.rows());
    clock.book(Stage.REST);
  }

  private void embed(int token, int row) {
    ops.matrix(embedding.dtype())
        .widen(
            embedding.data(),
            embedding.dtype().bytes((long) token * config.hidden()),
            config.hidden(),
            residual,
            row * config.hidden());
  }

  private void project(int tokens) {
    norm(layer.attentionNorm, tokens);
    layer.projections.run(normed, tokens);
    workers.run(tokens, rotaryBody);
  }

  @SuppressWarnings("unused") // the worker needs no scratch space
  private void normAndTurn(int token, int worker) {
    int width = shape.headDim();
    int q = token * shape.heads() * width;
    int k = token * shape.kvHeads() * width;
    int angle = token * rope.pairs();
    normHeads(query, q, shape.heads(), layer.queryNorm);
    Rotary.turn(query, q, shape.heads(), width, cos, sin, angle);
    if (layer.writesCache) {
      normHeads(key, k, shape.kvHeads(), layer.keyNorm);
      Rotary.turn(key, k, shape.kvHeads(), width, cos, sin, angle);
    }
  }

  private void normHeads(float[] x, int offset, int heads, float[] weight) {
    if (weight != null) {
      int width = shape.headDim();
      for (int at = offset; at < offset + heads * width; at += width) {
        Norm.rms(x, at, weight, config.rmsEpsilon(), x, at, width);
      }
    }
  }

  private void projectAndMlp(int tokens) {
    layer.output.run(attended, tokens);
    addProjected(tokens);
    norm(layer.mlpNorm, tokens);
    layer.gateUp.run(normed, tokens);
    workers.run(tokens, swiGluBody);
    layer.down.run(gate, tokens);
    addProjected(tokens);
  }

  @SuppressWarnings("unused") // the worker needs no scratch space
  private void swiGlu(int token, int worker) {
    ops.swiGlu(gate, up, token * config.intermediate(), config.intermediate());
  }

  private void norm(float[] weight, int tokens) {
    int width = config.hidden();
    for (int at = 0; at < tokens * width; at += width) {
      Norm.rms(residual, at, weight, config.rmsEpsilon(), normed, at, width);
    }
  }

  private void addProjected(int tokens) {
    for (int j = 0; j < tokens * config.hidden(); j++) {
      residual[j] += projected[j];
    }
  }

  private void computeLogits(int rows) {
    norm(finalNorm, rows);
    head.run(normed, rows);
    logitRows = rows;
  }

  @Override
  public int argmax(int row) {
    checkOpen();
    Limits.row(row, logitRows);
    int from = row * config.vocabulary();
    int best = 0;
    boolean finite = true;
    for (int token = 0; token < config.vocabulary(); token++) {
      float logit = logits[from + token];
      finite &= Math.abs(logit) < Float.POSITIVE_INFINITY;
      if (logit > logits[from + best]) {
        best = token;
      }
    }
    return finite ? best : NOT_FINITE;
  }

  @Override
  public void logits(int row, float[] target) {
    checkOpen();
    Limits.row(row, logitRows);
    Limits.logits(target, config.vocabulary());
    int from = row * config.vocabulary();
    System.arraycopy(logits, from, target, 0, config.vocabulary());
  }

  @Override
  public void load(
      int layerIndex, BlockTable table, int position, int count, float[] keys, float[] values) {
    checkOpen();
    Limits.cache(config.caches(), layerIndex);
    Limits.encode(info, table, position, count);
    Limits.keysAndValues(shape, count, keys, values);
    layers[layerIndex].cache.write(table, position, count, keys, values, 0);
  }

  @Override
  public void copyPage(int from, int to) {
    checkOpen();
    Limits.copy(info, from, to);
    for (int i = 0; i < config.caches(); i++) {
      layers[i].cache.copyPage(from, to);
    }
  }

  @Override
  public CacheSnapshot snapshot(int layerIndex, BlockTable table, int tokens) {
    checkOpen();
    Limits.cache(config.caches(), layerIndex);
    Limits.snapshot(info, table, tokens);
    return layers[layerIndex].cache.snapshot(table, tokens);
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
      workers.close();
      arena.close();
    }
  }
}
