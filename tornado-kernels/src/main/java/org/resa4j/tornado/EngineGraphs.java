package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.resa4j.attention.AttentionShape;
import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.Activations;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerArrays.Offsets;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.layer.LayerTasks.Heads;
import org.resa4j.tornado.layer.LayerTasks.Norm;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The graphs of an engine: of each pass its stages in order, whichever family's kernels run them.
 *
 * <p>A step is begin, layers, head; so is an encode call, whose head runs only where logits are
 * wanted.
 */
final class EngineGraphs {
  private final DeviceProgram program;
  private final ModelConfig config;
  private final EngineArrays arrays;
  private final AttentionTasks attention;
  private final LayerTasks kernels;
  private final AttentionBuffers.Workspace work;
  private final Activations act;

  /** Each cache's, to measure its drift. */
  private final List<DriftBuffers> drift;

  /** What layers hand on, and the cache if they share it. */
  private final List<TornadoNativeArray> between;

  private final ActiveRows stepRows;
  private final ActiveRows chunkRows;

  /** Of logits. */
  private final int logitRows;

  private EngineGraphs(
      DeviceProgram program,
      ModelConfig config,
      AttentionLayout layout,
      EngineArrays arrays,
      AttentionTasks attention) {
    this.program = program;
    this.config = config;
    this.arrays = arrays;
    this.attention = attention;
    kernels = arrays.kernels();
    work = arrays.work();
    act = arrays.activations();
    drift = IntStream.range(0, arrays.caches().size()).mapToObj(arrays.drift()::of).toList();
    between = new ArrayList<>(arrays.betweenLayers());
    if (config.sharedCache()) {
      between.addAll(arrays.caches().getFirst().cache().arrays());
    }
    stepRows = new ActiveRows(work.rows(), Rows.COUNT, layout.sequences());
    chunkRows = new ActiveRows(work.chunk(), Chunk.COUNT, layout.encodeTokens());
    logitRows = layout.logitRows();
  }

  /** Adds all of them to a program. */
  static void add(
      DeviceProgram program,
      ModelConfig config,
      AttentionLayout layout,
      EngineArrays arrays,
      AttentionTasks attention) {
    EngineGraphs graphs = new EngineGraphs(program, config, layout, arrays, attention);
    graphs.share();
    graphs.tables();
    graphs.begin(Pass.STEP_BEGIN, graphs.stepRows, arrays.sent().rows());
    graphs.begin(Pass.ENCODE_BEGIN, graphs.chunkRows, arrays.sent().chunk());
    graphs.loadBegin();
    graphs.layers();
    graphs.heads();
    graphs.driftSums();
  }

  private void share() {
    program.share(between);
    program.share(List.of(act.logits(), act.best()));
    EngineArrays.ModelArrays weights = arrays.weights();
    program.share(List.of(weights.finalNorm()));
    program.share(weights.embedding().arrays());
    if (weights.head() != weights.embedding()) {
      program.share(weights.head().arrays());
    }
  }

  private void tables() {
    IntArray sent = arrays.tables().sent();
    DeviceProgram.Graph graph =
        program.graph(Pass.TABLES, List.of(work.tables()), List.of(), List.of(sent));
    attention.receiveTables(graph.tasks(), sent, arrays.caches().getFirst());
    graph.end();
  }

  /** Token ids to the residual stream. */
  private void begin(Pass pass, ActiveRows rows, IntArray sentHeader) {
    EngineArrays.Sent sent = arrays.sent();
    List<TornadoNativeArray> used = new ArrayList<>(arrays.placeholders().arrays());
    used.addAll(List.of(rows.header(), act.angles(), act.x()));
    used.addAll(arrays.weights().embedding().arrays());
    DeviceProgram.Graph graph =
        program.graph(pass, used, List.of(), List.of(sent.tokens(), sentHeader, sent.angles()));
    kernels.receive(graph.tasks(), "Rows", sentHeader, rows.header());
    kernels.receive(graph.tasks(), "Angles", sent.angles(), act.angles());
    kernels.embed(graph.tasks(), rows, sent.tokens(), arrays.weights().embedding(), act.x());
    if (pass == Pass.ENCODE_BEGIN) {
      // Copied back only to wait: what was sent is overwritten for the next chunk, and CUDA reads
      // it late.
      graph.end(rows.header());
    } else {
      graph.end();
    }
  }

  private void loadBegin() {
    EngineArrays.Sent sent = arrays.sent();
    DeviceProgram.Graph graph =
        program.graph(
            Pass.LOAD_BEGIN,
            List.of(work.chunk(), work.newKey(), work.newValue()),
            List.of(),
            List.of(sent.chunk(), sent.keys(), sent.values()));
    kernels.receive(graph.tasks(), "Rows", sent.chunk(), work.chunk());
    kernels.receive(graph.tasks(), "Keys", sent.keys(), work.newKey());
    kernels.receive(graph.tasks(), "Values", sent.values(), work.newValue());
    graph.end(work.chunk());
  }

  /** The first layer's graphs tell how many layers like it fit into each of the next. */
  private void layers() {
    List<LayerArrays> all = arrays.weights().layers();
    int first = 0;
    int count = 1;
    while (first < config.layers()) {
      int end = first + 1;
      while (end < Math.min(first + count, config.layers())
          && all.get(end).isLike(all.get(first))) {
        end++;
      }
      count = layers(first, end);
      if (end < config.layers() && !all.get(end).isLike(all.get(first))) {
        count = 1;
      }
      first = end;
    }
    for (AttentionBuffers buffers : arrays.caches()) {
      List<TornadoNativeArray> own = config.sharedCache() ? List.of() : buffers.cache().arrays();
      DeviceProgram.Graph load = program.graph(Pass.LOAD, between, own, List.of());
      attention.encodeAppend(load.tasks(), buffers);
      load.end();
      DeviceProgram.Graph copy = program.graph(Pass.COPY_PAGE, between, own, List.of());
      attention.copyPage(copy.tasks(), buffers);
      copy.end();
    }
  }

  /**
   * The graphs of some layers, each with all of them.
   *
   * @return how many layers fit into one
   */
  private int layers(int first, int end) {
    List<TornadoNativeArray> own = new ArrayList<>();
    for (int i = first; i < end; i++) {
      own.addAll(arrays.weights().layers().get(i).arrays());
      if (writes(i)) {
        own.add(drift.get(i).cache());
        if (!config.sharedCache()) {
          own.addAll(arrays.caches().get(i).cache().arrays());
        }
      }
    }
    int fit = program.sharesIds() ? Integer.MAX_VALUE : 1;
    for (Pass pass : List.of(Pass.ENCODE, Pass.DENSE_STEP, Pass.SPARSE_STEP)) {
      DeviceProgram.Graph graph = program.graph(pass, between, own, List.of());
      for (int i = first; i < end; i++) {
        layer(graph.tasks(), pass, i);
      }
      graph.end();
      fit = Math.min(fit, graph.tasks().fitting(end - first));
    }
    return fit;
  }

  /** Whether a layer has keys and values of its own. */
  private boolean writes(int layer) {
    return layer < arrays.caches().size();
  }

  private void layer(KernelGraph tasks, Pass pass, int i) {
    boolean writes = writes(i);
    AttentionBuffers buffers = arrays.caches().get(writes ? i : 0);
    LayerArrays weights = arrays.weights().layers().get(i);
    ActiveRows rows = pass == Pass.ENCODE ? chunkRows : stepRows;
    beforeAttention(writes ? tasks : tasks.variant("Query"), rows, weights, writes);
    switch (pass) {
      case ENCODE -> encode(tasks, buffers, i);
      case DENSE_STEP -> denseStep(tasks, buffers, writes);
      default -> sparseStep(tasks, buffers, writes);
    }
    afterAttention(tasks, rows, weights);
  }

  /** Section 2.2 of the paper: block scoring, selection, attention to the selected blocks. */
  private void sparseStep(KernelGraph tasks, AttentionBuffers buffers, boolean writes) {
    if (writes) {
      attention.append(tasks, buffers);
    }
    attention.estimate(tasks, buffers);
    attention.select(tasks, buffers);
    attention.attend(tasks, buffers);
  }

  private void denseStep(KernelGraph tasks, AttentionBuffers buffers, boolean writes) {
    if (writes) {
      attention.append(tasks, buffers);
    }
    attention.attendDense(tasks.variant("Dense"), buffers);
  }

  /** Section 2.3: a chunk, which may overwrite what drifted. */
  private void encode(KernelGraph tasks, AttentionBuffers buffers, int layer) {
    if (writes(layer)) {
      attention.encodeDrift(tasks, buffers, drift.get(layer));
      attention.encodeAppend(tasks, buffers);
    }
    attention.encodeAttend(tasks, buffers);
  }

  /** Residual stream to queries, keys and values after RoPE. */
  private void beforeAttention(
      KernelGraph tasks, ActiveRows rows, LayerArrays weights, boolean writes) {
    AttentionShape shape = config.attention();
    int attentionNorm = weights.offsets().attentionNorm();
    kernels.norm(
        tasks,
        Stage.ATTENTION_NORM,
        rows,
        act.x(),
        weights.vectors(),
        attentionNorm,
        act.normed(),
        norm());
    kernels.linear(tasks, Stage.QKV, rows, act.normed(), weights.qkv(), act.qkv(), false);
    Heads heads =
        new Heads(
            shape.heads(), writes ? shape.kvHeads() : 0, shape.headDim(), config.rmsEpsilon());
    kernels.rotate(
        tasks,
        rows,
        heads,
        act.qkv(),
        act.angles(),
        weights,
        work.query(),
        work.newKey(),
        work.newValue());
  }

  /** Attention's output through its projection and the MLP, both added to the residual stream. */
  private void afterAttention(KernelGraph tasks, ActiveRows rows, LayerArrays weights) {
    Offsets at = weights.offsets();
    FloatArray vectors = weights.vectors();
    int hidden = config.hidden();
    kernels.linear(tasks, Stage.OUTPUT, rows, work.output(), weights.output(), act.x(), true);
    bias(tasks, Stage.OUTPUT, rows, act.x(), vectors, at.outputBias(), hidden);
    kernels.norm(tasks, Stage.MLP_NORM, rows, act.x(), vectors, at.mlpNorm(), act.normed(), norm());
    kernels.gatedLinear(
        tasks,
        rows,
        act.normed(),
        weights.gateUp(),
        vectors,
        at.gateUpBias(),
        act.gateUp(),
        act.gated());
    kernels.linear(tasks, Stage.DOWN, rows, act.gated(), weights.down(), act.x(), true);
    bias(tasks, Stage.DOWN, rows, act.x(), vectors, at.downBias(), hidden);
  }

  /** Where the layer has the bias: a model without pays for no task. */
  private void bias(
      KernelGraph tasks,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray vectors,
      int offset,
      int width) {
    if (offset != Offsets.NONE) {
      kernels.addBias(tasks, stage, rows, x, vectors, offset, width);
    }
  }

  private Norm norm() {
    return new Norm(config.hidden(), config.rmsEpsilon());
  }

  private void heads() {
    head(Pass.STEP_HEAD, stepRows, arrays.sent().stepChosen());
    // One row is most calls', and kernels for it read the weights faster than those for many.
    head(
        Pass.ENCODE_HEAD,
        new ActiveRows(work.chunk(), Chunk.LOGITS, 1),
        arrays.sent().encodeChosen());
    if (logitRows > 1) {
      head(
          Pass.ENCODE_HEADS,
          new ActiveRows(work.chunk(), Chunk.LOGITS, logitRows),
          arrays.sent().encodeChosen());
    }
  }

  /** Residual stream of each row to logits and the id of the highest. */
  private void head(Pass pass, ActiveRows rows, IntArray chosen) {
    EngineArrays.ModelArrays weights = arrays.weights();
    DeviceProgram.Graph graph =
        program.graph(pass, HostArrays.join(arrays.ofHead(), rows.header()), List.of(), List.of());
    KernelGraph tasks = graph.tasks();
    if (pass == Pass.STEP_HEAD) {
      kernels.norm(
          tasks, Stage.FINAL_NORM, rows, act.x(), weights.finalNorm(), 0, act.normed(), norm());
    } else {
      kernels.chunkNorm(tasks, rows, act.x(), weights.finalNorm(), act.normed(), norm());
    }
    kernels.linear(tasks, Stage.LOGITS, rows, act.normed(), weights.head(), act.logits(), false);
    kernels.argmax(tasks, rows, act.logits(), act.best(), chosen, config.vocabulary());
    graph.end(chosen);
  }

  private void driftSums() {
    DriftBuffers sums = arrays.drift();
    DeviceProgram.Graph graph =
        program.graph(Pass.ENCODE_DRIFT, List.of(work.chunk(), sums.parts()), List.of(), List.of());
    attention.driftSums(graph.tasks(), arrays.caches().getFirst(), sums);
    graph.end(sums.sums());
  }
}
