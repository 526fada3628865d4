package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
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
    between = arrays.betweenLayers();
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
    for (int i = 0; i < config.layers(); i++) {
      graphs.layer(i);
    }
    graphs.heads();
    graphs.drift();
  }

  private void share() {
    program.share(between);
    program.share(List.of(act.logits(), act.best()));
    EngineArrays.ModelArrays weights = arrays.weights();
    program.share(List.of(weights.finalNorm(), weights.embedding().array()));
    if (weights.head() != weights.embedding()) {
      program.share(List.of(weights.head().array()));
    }
    if (config.sharedCache()) {
      program.share(arrays.caches().getFirst().cache().arrays());
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
    used.addAll(
        List.of(rows.header(), act.angles(), act.x(), arrays.weights().embedding().array()));
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

  /** A layer's graphs: of steps and encode calls, and of what else is done to its cache. */
  private void layer(int i) {
    boolean writes = i < arrays.caches().size();
    AttentionBuffers buffers = arrays.caches().get(writes ? i : 0);
    LayerArrays weights = arrays.weights().layers().get(i);
    DriftBuffers drift = arrays.drift().of(i);
    List<TornadoNativeArray> own = new ArrayList<>(weights.arrays());
    List<TornadoNativeArray> used = new ArrayList<>(between);
    (config.sharedCache() ? used : own).addAll(buffers.cache().arrays());
    if (writes) {
      own.add(drift.cache());
    }
    for (Pass pass : List.of(Pass.ENCODE, Pass.DENSE_STEP, Pass.SPARSE_STEP)) {
      DeviceProgram.Graph graph = program.graph(pass, used, own, List.of());
      KernelGraph tasks = graph.tasks();
      ActiveRows rows = pass == Pass.ENCODE ? chunkRows : stepRows;
      beforeAttention(writes ? tasks : tasks.variant("Query"), rows, weights, writes);
      switch (pass) {
        case ENCODE -> encode(tasks, buffers, drift, writes);
        case DENSE_STEP -> denseStep(tasks, buffers, writes);
        default -> sparseStep(tasks, buffers, writes);
      }
      afterAttention(tasks, rows, weights);
      graph.end();
    }
    if (writes) {
      DeviceProgram.Graph load = program.graph(Pass.LOAD, used, own, List.of());
      attention.encodeAppend(load.tasks(), buffers);
      load.end();
      DeviceProgram.Graph copy = program.graph(Pass.COPY_PAGE, used, own, List.of());
      attention.copyPage(copy.tasks(), buffers);
      copy.end();
    }
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
  private void encode(
      KernelGraph tasks, AttentionBuffers buffers, DriftBuffers drift, boolean writes) {
    if (writes) {
      attention.encodeDrift(tasks, buffers, drift);
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
    int intermediate = config.intermediate();
    kernels.linear(tasks, Stage.OUTPUT, rows, work.output(), weights.output(), act.x(), true);
    bias(tasks, Stage.OUTPUT, rows, act.x(), vectors, at.outputBias(), hidden);
    kernels.norm(tasks, Stage.MLP_NORM, rows, act.x(), vectors, at.mlpNorm(), act.normed(), norm());
    kernels.linear(tasks, Stage.GATE_UP, rows, act.normed(), weights.gateUp(), act.gateUp(), false);
    bias(tasks, Stage.GATE_UP, rows, act.gateUp(), vectors, at.gateUpBias(), 2 * intermediate);
    kernels.swiGlu(tasks, rows, act.gateUp(), act.gated(), intermediate);
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

  private void drift() {
    DriftBuffers drift = arrays.drift();
    DeviceProgram.Graph graph =
        program.graph(
            Pass.ENCODE_DRIFT, List.of(work.chunk(), drift.parts()), List.of(), List.of());
    attention.driftSums(graph.tasks(), arrays.caches().getFirst(), drift);
    graph.end(drift.sums());
  }
}
