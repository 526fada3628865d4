package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Drift;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.Limits;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Rope;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.HostMemory;
import org.resa4j.tornado.attention.KernelGraph;
import org.resa4j.tornado.layer.Activations;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A model through TornadoVM. A step runs three groups of graphs, begin, layers, head; so does an
 * encode call, whose head runs only where logits are wanted. Token ids, rows, angles and chosen ids
 * cross the bus; logits and cache when asked for.
 */
final class TornadoEngine implements Engine {
  private static final String STEP_BEGIN = "stepBegin";
  private static final String STEP_LAYER = "stepLayer";
  private static final String SPARSE_LAYER = "sparseLayer";
  private static final String DENSE_LAYER = "denseLayer";
  private static final String STEP_HEAD = "stepHead";
  private static final String ENCODE_BEGIN = "encodeBegin";
  private static final String ENCODE_LAYER = "encodeLayer";
  private static final String ENCODE_HEAD = "encodeHead";
  private static final String ENCODE_DRIFT = "encodeDrift";

  /** Room for split sums, in residual streams: the narrow products are as wide or little wider. */
  static final int SPLIT_HIDDENS = 12;

  private static final String LOAD_BEGIN = "loadBegin";
  private static final String LOAD_CACHE = "loadCache";

  private final EngineInfo info;
  private final ModelConfig config;
  private final Rope rope;

  /** Each with a cache of its own, or one that all layers share. */
  private final List<AttentionBuffers> caches = new ArrayList<>();

  private final AttentionBuffers.Workspace work;
  private final DriftBuffers drift;
  private final Activations act;
  private final DeviceProgram program;
  private final StageClock clock = new StageClock();

  /** Sent before a call: tokens, the rows or the chunk, and angles. */
  private final IntArray sentTokens;

  private final RowsWriter sent;
  private final FloatArray sentAngles;
  private final FloatArray sentKeys;
  private final FloatArray sentValues;
  private final IntArray chosen;
  private final float[] cos;
  private final float[] sin;
  private int logitRows;
  private boolean closed;

  TornadoEngine(
      Model model,
      EngineInfo info,
      AttentionLayout layout,
      AttentionTasks attention,
      boolean halfWeights,
      OpenedDevice device,
      OpenProgress progress) {
    this.info = info;
    config = model.config();
    rope = config.rope().forContext(info.options().contextLength());
    AttentionShape shape = config.attention();
    int rows = layout.rowCapacity();
    work = AttentionBuffers.Workspace.allocate(layout);
    drift = DriftBuffers.allocate(layout, config.caches());
    sentTokens = HostMemory.ints(rows);
    sentAngles = HostMemory.floats(rows * shape.headDim());
    sentKeys = HostMemory.floats(work.newKey().getSize());
    sentValues = HostMemory.floats(work.newValue().getSize());
    chosen = HostMemory.ints(layout.sequences());
    cos = new float[shape.headDim() / 2];
    sin = new float[cos.length];
    boolean groups = attention.name().equals("group");
    boolean tensorCores = groups && device.device().backend().equals("cuda");
    act =
        new Activations(
            HostMemory.floats(rows * config.hidden()),
            HostMemory.floats(rows * config.hidden()),
            HostMemory.floats(rows * (shape.heads() + 2 * shape.kvHeads()) * shape.headDim()),
            HostMemory.floats(rows * 2 * config.intermediate()),
            HostMemory.floats(rows * config.intermediate()),
            HostMemory.floats(rows * shape.headDim()),
            HostMemory.floats(layout.sequences() * config.vocabulary()),
            HostMemory.ints(layout.sequences() * LayerTasks.ARGMAX_PARTS),
            tensorCores
                ? Optional.of(HostMemory.halfs(rows * widestInput(config)))
                : Optional.empty(),
            tensorCores
                ? Optional.of(HostMemory.floats(rows * SPLIT_HIDDENS * config.hidden()))
                : Optional.empty());
    IntArray sentRows = HostMemory.ints(work.rows().getSize());
    IntArray sentChunk = HostMemory.ints(work.chunk().getSize());
    sent = new RowsWriter(sentRows, sentChunk);

    WeightUploader uploader = new WeightUploader(halfWeights);
    Weights embedding = uploader.matrix(model.embedding());
    Weights head = model.head() == model.embedding() ? embedding : uploader.matrix(model.head());
    FloatArray finalNorm = uploader.vector(model.finalNorm());

    program = new DeviceProgram(device, info.options().profile());
    program.onTaskTime(clock::add);
    List<TornadoNativeArray> between = new ArrayList<>();
    act.half().ifPresent(between::add);
    act.splitSums().ifPresent(between::add);
    between.addAll(
        List.of(
            act.x(),
            act.normed(),
            act.qkv(),
            act.gateUp(),
            act.gated(),
            act.angles(),
            work.query(),
            work.newKey(),
            work.newValue(),
            work.scores(),
            work.selected(),
            work.partial(),
            work.partialSums(),
            work.output(),
            drift.parts(),
            work.rows(),
            work.chunk()));
    program.share(between);
    program.share(List.of(act.logits(), act.best(), finalNorm, embedding.array()));
    if (head != embedding) {
      program.share(List.of(head.array()));
    }

    for (int i = 0; i < config.caches(); i++) {
      caches.add(new AttentionBuffers(layout, AttentionBuffers.Cache.allocate(layout), work));
    }
    if (config.sharedCache()) {
      program.share(arrays(caches.getFirst().cache()));
    }

    LayerTasks step =
        LayerTasks.of(config, act, work.rows(), Rows.COUNT, layout.sequences(), groups);
    LayerTasks encode =
        LayerTasks.of(config, act, work.chunk(), Chunk.COUNT, layout.encodeTokens(), groups);
    LayerTasks last = LayerTasks.of(config, act, work.chunk(), Chunk.LAST_ROWS, 1, groups);

    DeviceProgram.Graph stepBegin =
        program.graph(
            STEP_BEGIN,
            STEP_BEGIN,
            List.of(work.rows(), act.angles(), act.x(), embedding.array()),
            List.of(),
            List.of(sentTokens, sentRows, sentAngles));
    step.receive(stepBegin.tasks(""), sentRows, work.rows(), sentAngles);
    step.embed(stepBegin.tasks(""), sentTokens, embedding);
    stepBegin.end();

    DeviceProgram.Graph encodeBegin =
        program.graph(
            ENCODE_BEGIN,
            ENCODE_BEGIN,
            List.of(work.chunk(), act.angles(), act.x(), embedding.array()),
            List.of(),
            List.of(sentTokens, sentChunk, sentAngles));
    encode.receive(encodeBegin.tasks(""), sentChunk, work.chunk(), sentAngles);
    encode.embed(encodeBegin.tasks(""), sentTokens, embedding);
    // Copied back only to wait: what was sent is overwritten for the next chunk, and CUDA reads it
    // late.
    encodeBegin.end(work.chunk());

    DeviceProgram.Graph loadBegin =
        program.graph(
            LOAD_BEGIN,
            LOAD_BEGIN,
            List.of(work.chunk(), work.newKey(), work.newValue()),
            List.of(),
            List.of(sentChunk, sentKeys, sentValues));
    encode.receiveLoaded(
        loadBegin.tasks(""),
        sentChunk,
        work.chunk(),
        sentKeys,
        work.newKey(),
        sentValues,
        work.newValue());
    loadBegin.end(work.chunk());

    for (int i = 0; i < config.layers(); i++) {
      LayerArrays weights = uploader.layer(model.layers().get(i));
      boolean writes = i < caches.size();
      AttentionBuffers buffers = caches.get(writes ? i : 0);
      List<TornadoNativeArray> cache = arrays(buffers.cache());
      List<TornadoNativeArray> own = new ArrayList<>(weights.arrays());
      List<TornadoNativeArray> used = new ArrayList<>(between);
      (config.sharedCache() ? used : own).addAll(cache);
      DriftBuffers ownDrift = drift.of(i);
      if (writes) {
        own.add(ownDrift.cache());
      }
      for (String name : List.of(ENCODE_LAYER, DENSE_LAYER, SPARSE_LAYER)) {
        boolean encodes = name.equals(ENCODE_LAYER);
        LayerTasks tasks = encodes ? encode : step;
        DeviceProgram.Graph graph =
            program.graph(name, encodes ? ENCODE_LAYER : STEP_LAYER, used, own, List.of());
        KernelGraph kernels = graph.tasks("");
        tasks.beforeAttention(
            writes ? kernels : graph.tasks("Query"),
            weights,
            writes,
            work.query(),
            work.newKey(),
            work.newValue());
        if (encodes) {
          if (writes) {
            attention.encodeDrift(kernels, buffers, ownDrift);
            attention.encodeAppend(kernels, buffers);
          }
          attention.encodeAttend(kernels, buffers);
        } else {
          if (writes) {
            attention.append(kernels, buffers);
          }
          if (name.equals(DENSE_LAYER)) {
            attention.attendDense(graph.tasks("Dense"), buffers);
          } else {
            attention.estimate(kernels, buffers);
            attention.select(kernels, buffers);
            attention.attend(kernels, buffers);
          }
        }
        tasks.afterAttention(kernels, weights, work.output());
        graph.end();
      }
      if (writes) {
        DeviceProgram.Graph load = program.graph(LOAD_CACHE, ENCODE_LAYER, used, own, List.of());
        attention.encodeAppend(load.tasks(""), buffers);
        load.end();
      }
    }

    List<TornadoNativeArray> heads = new ArrayList<>();
    act.half().ifPresent(heads::add);
    act.splitSums().ifPresent(heads::add);
    heads.addAll(List.of(act.x(), act.normed(), act.logits(), act.best(), finalNorm, head.array()));
    DeviceProgram.Graph stepHead =
        program.graph(
            STEP_HEAD, STEP_HEAD, HostArrays.join(heads, work.rows()), List.of(), List.of());
    step.head(stepHead.tasks(""), finalNorm, head, chosen);
    stepHead.end(chosen);
    DeviceProgram.Graph encodeHead =
        program.graph(
            ENCODE_HEAD, ENCODE_HEAD, HostArrays.join(heads, work.chunk()), List.of(), List.of());
    last.lastHead(encodeHead.tasks(""), Chunk.COUNT, finalNorm, head, chosen);
    encodeHead.end(chosen);
    DeviceProgram.Graph encodeDrift =
        program.graph(
            ENCODE_DRIFT, ENCODE_DRIFT, List.of(work.chunk(), drift.parts()), List.of(), List.of());
    attention.driftSums(encodeDrift.tasks(""), caches.getFirst(), drift);
    encodeDrift.end(drift.sums());
    program.start(progress);
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public void encode(
      int sequence, int position, int[] tokens, int offset, int count, boolean wantLogits) {
    checkEncode(sequence, position, tokens, offset, count);
    sent.chunk(sequence, position, count);
    encodeLayers(position, tokens, offset, count);
    if (wantLogits) {
      program.run(ENCODE_HEAD);
      logitRows = 1;
    }
  }

  @Override
  public Drift rectify(int sequence, int position, int[] tokens, int offset, int count) {
    checkEncode(sequence, position, tokens, offset, count);
    sent.measuredChunk(sequence, position, count);
    encodeLayers(position, tokens, offset, count);
    program.run(ENCODE_DRIFT);
    return drift.toHost();
  }

  private void checkEncode(int sequence, int position, int[] tokens, int offset, int count) {
    checkOpen();
    Limits.encode(info.options(), sequence, position, count);
    Limits.tokens(tokens, offset, count, config.vocabulary());
  }

  /** The chunk has been written to what is sent. */
  private void encodeLayers(int position, int[] tokens, int offset, int count) {
    for (int i = 0; i < count; i++) {
      token(i, tokens[offset + i], position + i);
    }
    program.run(ENCODE_BEGIN);
    program.run(ENCODE_LAYER);
    logitRows = 0;
  }

  @Override
  public void step(StepBatch batch) {
    checkOpen();
    Limits.step(info.options(), batch);
    for (int row = 0; row < batch.rows(); row++) {
      Limits.token(batch.token(row), config.vocabulary());
    }
    for (int row = 0; row < batch.rows(); row++) {
      token(row, batch.token(row), batch.position(row));
    }
    sent.rows(batch);
    program.run(STEP_BEGIN);
    program.run(batch.isDense() ? DENSE_LAYER : SPARSE_LAYER);
    program.run(STEP_HEAD);
    logitRows = batch.rows();
  }

  private void token(int row, int id, int position) {
    sentTokens.set(row, id);
    rope.angles(position, cos, sin, 0);
    int base = row * 2 * cos.length;
    for (int j = 0; j < cos.length; j++) {
      sentAngles.set(base + j, cos[j]);
      sentAngles.set(base + cos.length + j, sin[j]);
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
    long offset = (long) row * config.vocabulary();
    program.fetch(act.logits(), offset, config.vocabulary());
    HostArrays.read(act.logits(), offset, target, config.vocabulary());
  }

  private void checkRow(int row) {
    checkOpen();
    Limits.row(row, logitRows);
  }

  /** The most inputs of a layer's matrix products. */
  static int widestInput(ModelConfig config) {
    return Math.max(
        Math.max(config.hidden(), config.intermediate()),
        config.attention().heads() * config.attention().headDim());
  }

  private static List<TornadoNativeArray> arrays(AttentionBuffers.Cache cache) {
    return List.of(cache.key(), cache.value(), cache.blockMin(), cache.blockMax());
  }

  @Override
  public void load(int layer, int sequence, int position, int count, float[] key, float[] value) {
    checkOpen();
    Limits.cache(caches.size(), layer);
    Limits.encode(info.options(), sequence, position, count);
    Limits.keysAndValues(config.attention(), count, key, value);
    int size = count * config.attention().kvHeads() * config.attention().headDim();
    HostArrays.write(key, sentKeys, size);
    HostArrays.write(value, sentValues, size);
    sent.chunk(sequence, position, count);
    logitRows = 0;
    program.run(LOAD_BEGIN);
    program.run(LOAD_CACHE, layer);
  }

  @Override
  public CacheSnapshot snapshot(int layer, int sequence, int tokens) {
    checkOpen();
    Limits.cache(caches.size(), layer);
    Limits.snapshot(info.options(), sequence, tokens);
    logitRows = 0;
    sent.noChunk();
    program.run(ENCODE_BEGIN);
    program.run(ENCODE_LAYER, layer);
    return CacheReader.read(program, caches.get(layer), sequence, tokens);
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
