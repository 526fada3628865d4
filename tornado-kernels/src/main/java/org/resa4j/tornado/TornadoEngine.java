package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.resa4j.attention.AttentionShape;
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
  private static final String TABLES = "tables";
  private static final String STEP_BEGIN = "stepBegin";
  private static final String STEP_LAYER = "stepLayer";
  private static final String SPARSE_LAYER = "sparseLayer";
  private static final String DENSE_LAYER = "denseLayer";
  private static final String STEP_HEAD = "stepHead";
  private static final String ENCODE_BEGIN = "encodeBegin";
  private static final String ENCODE_LAYER = "encodeLayer";
  private static final String ENCODE_HEAD = "encodeHead";
  private static final String ENCODE_HEADS = "encodeHeads";
  private static final String ENCODE_DRIFT = "encodeDrift";

  /** Room for split sums, in residual streams: the narrow products are as wide or little wider. */
  static final int SPLIT_HIDDENS = 12;

  private static final String LOAD_BEGIN = "loadBegin";
  private static final String LOAD_CACHE = "loadCache";
  private static final String COPY_PAGE = "copyPage";

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

  /** Sent before a call: tokens, the rows or the chunk, and angles; block tables if need be. */
  private final IntArray sentTokens;

  private final RowsWriter sent;
  private final DeviceTables tables;
  private final FloatArray sentAngles;
  private final FloatArray sentKeys;
  private final FloatArray sentValues;

  /** The graph that left the last call's logits, and what it chose of each row. */
  private String head = STEP_HEAD;

  private IntArray chosen;

  private final IntArray stepChosen;
  private final IntArray encodeChosen;
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
    stepChosen = HostMemory.ints(layout.sequences());
    encodeChosen = HostMemory.ints(layout.logitRows());
    chosen = stepChosen;
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
            HostMemory.floats(layout.logitRows() * config.vocabulary()),
            HostMemory.ints(layout.logitRows() * LayerTasks.ARGMAX_PARTS),
            tensorCores
                ? Optional.of(HostMemory.halfs(rows * widestInput(config)))
                : Optional.empty(),
            tensorCores
                ? Optional.of(HostMemory.floats(rows * SPLIT_HIDDENS * config.hidden()))
                : Optional.empty());
    IntArray sentRows = HostMemory.ints(work.rows().getSize());
    IntArray sentChunk = HostMemory.ints(work.chunk().getSize());
    tables = new DeviceTables(layout);
    sent = new RowsWriter(sentRows, sentChunk, tables, layout);

    WeightUploader uploader = new WeightUploader(halfWeights);
    Weights embedding = uploader.matrix(model.embedding());
    Weights output = model.head() == model.embedding() ? embedding : uploader.matrix(model.head());
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
            work.chunk(),
            work.tables()));
    program.share(between);
    program.share(List.of(act.logits(), act.best(), finalNorm, embedding.array()));
    if (output != embedding) {
      program.share(List.of(output.array()));
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

    DeviceProgram.Graph receiveTables =
        program.graph(TABLES, TABLES, List.of(work.tables()), List.of(), List.of(tables.sent()));
    attention.receiveTables(receiveTables.tasks(""), tables.sent(), caches.getFirst());
    receiveTables.end();

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
        DeviceProgram.Graph copy = program.graph(COPY_PAGE, COPY_PAGE, used, own, List.of());
        attention.copyPage(copy.tasks(""), buffers);
        copy.end();
      }
    }

    List<TornadoNativeArray> heads = new ArrayList<>();
    act.half().ifPresent(heads::add);
    act.splitSums().ifPresent(heads::add);
    heads.addAll(
        List.of(act.x(), act.normed(), act.logits(), act.best(), finalNorm, output.array()));
    DeviceProgram.Graph stepHead =
        program.graph(
            STEP_HEAD, STEP_HEAD, HostArrays.join(heads, work.rows()), List.of(), List.of());
    step.head(stepHead.tasks(""), finalNorm, output, stepChosen);
    stepHead.end(stepChosen);
    // One row is most calls', and kernels for it read the weights faster than those for many.
    for (int most : layout.logitRows() > 1 ? new int[] {1, layout.logitRows()} : new int[] {1}) {
      String name = most == 1 ? ENCODE_HEAD : ENCODE_HEADS;
      DeviceProgram.Graph encodeHead =
          program.graph(name, name, HostArrays.join(heads, work.chunk()), List.of(), List.of());
      LayerTasks.of(config, act, work.chunk(), Chunk.LOGITS, most, groups)
          .chunkHead(encodeHead.tasks(""), finalNorm, output, encodeChosen);
      encodeHead.end(encodeChosen);
    }
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
    encodeLayers();
    int rows = batch.firstLogitRow(batch.size());
    if (rows > 0) {
      runHead(rows == 1 ? ENCODE_HEAD : ENCODE_HEADS, encodeChosen, rows);
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
    encodeLayers();
    program.run(ENCODE_DRIFT);
    return drift.toHost();
  }

  /** Everything has been written to what is sent. */
  private void encodeLayers() {
    logitRows = 0;
    sendTables();
    program.run(ENCODE_BEGIN);
    program.run(ENCODE_LAYER);
  }

  /** If they are not what the device has. */
  private void sendTables() {
    if (tables.isStale()) {
      program.run(TABLES);
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
    program.run(STEP_BEGIN);
    program.run(batch.isDense() ? DENSE_LAYER : SPARSE_LAYER);
    runHead(STEP_HEAD, stepChosen, batch.rows());
  }

  private void runHead(String key, IntArray choices, int rows) {
    program.run(key);
    head = key;
    chosen = choices;
    logitRows = rows;
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
    program.fetch(head, act.logits(), offset, config.vocabulary());
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
  public void load(
      int layer, BlockTable table, int position, int count, float[] key, float[] value) {
    checkOpen();
    Limits.cache(caches.size(), layer);
    Limits.encode(info, table, position, count);
    Limits.keysAndValues(config.attention(), count, key, value);
    int size = count * config.attention().kvHeads() * config.attention().headDim();
    HostArrays.write(key, sentKeys, size);
    HostArrays.write(value, sentValues, size);
    sent.chunk(table, position, count);
    sendTables();
    program.run(LOAD_BEGIN);
    program.run(LOAD_CACHE, layer);
  }

  @Override
  public void copyPage(int from, int to) {
    checkOpen();
    Limits.copy(info, from, to);
    sent.copy(from, to);
    program.run(ENCODE_BEGIN);
    program.run(COPY_PAGE);
  }

  @Override
  public CacheSnapshot snapshot(int layer, BlockTable table, int tokens) {
    checkOpen();
    Limits.cache(caches.size(), layer);
    Limits.snapshot(info, table, tokens);
    sent.noChunk();
    program.run(ENCODE_BEGIN);
    program.run(ENCODE_LAYER, layer);
    return CacheReader.read(program, caches.get(layer), table, tokens);
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
