package org.resa4j.tornado.layer;

import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.KernelGraph;
import org.resa4j.tornado.group.TensorTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds the stages of a forward pass around attention to a task graph. */
public final class LayerTasks {
  /** Parts of the vocabulary whose highest logits are found in parallel. */
  public static final int ARGMAX_PARTS = 256;

  /** From so many rows on, weights are shared by tiles of rows. */
  private static final int MANY_ROWS = 16;

  /** Work-items of a work-group where each works alone. */
  private static final int ITEMS = 128;

  private final ModelConfig config;
  private final Activations act;
  private final IntArray active;
  private final int count;
  private final int rows;
  private final boolean groups;
  private final KernelContext context = new KernelContext();

  /**
   * @param active holds the number of rows to work on, at index {@code count}
   * @param rows the most rows
   * @param groups whether kernels run in work-groups, with local memory
   */
  public LayerTasks(
      ModelConfig config, Activations act, IntArray active, int count, int rows, boolean groups) {
    this.config = config;
    this.groups = groups;
    this.act = act;
    this.active = active;
    this.count = count;
    this.rows = rows;
  }

  /** What was sent to its resident arrays. */
  public void receive(KernelGraph graph, IntArray sentInts, IntArray ints, FloatArray sentAngles) {
    receive(graph, "receiveInts", sentInts, ints);
    receive(graph, "receiveAngles", sentAngles, act.angles());
  }

  /** The same for K and V that were computed elsewhere. */
  public void receiveLoaded(
      KernelGraph graph,
      IntArray sentInts,
      IntArray ints,
      FloatArray sentKeys,
      FloatArray keys,
      FloatArray sentValues,
      FloatArray values) {
    receive(graph, "receiveInts", sentInts, ints);
    receive(graph, "receiveKeys", sentKeys, keys);
    receive(graph, "receiveValues", sentValues, values);
  }

  private void receive(KernelGraph graph, String id, IntArray sent, IntArray resident) {
    int items = sent.getSize();
    if (groups) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id), GroupLayerKernels::receiveInts, context, sent, resident, items),
          itemsOf(items));
    } else {
      graph.add(
          TaskPackage.createPackage(graph.id(id), LayerKernels::receiveInts, sent, resident, items),
          fine(items));
    }
  }

  private void receive(KernelGraph graph, String id, FloatArray sent, FloatArray resident) {
    int items = sent.getSize();
    if (groups) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id), GroupLayerKernels::receiveFloats, context, sent, resident, items),
          itemsOf(items));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id), LayerKernels::receiveFloats, sent, resident, items),
          fine(items));
    }
  }

  /** Token ids to the residual stream. */
  public void embed(KernelGraph graph, IntArray tokens, Weights embedding) {
    int items = rows * config.hidden();
    if (groups) {
      graph.add(
          embedding.half()
              ? TaskPackage.createPackage(
                  graph.id("embed"),
                  GroupLayerKernels::embedHalf,
                  context,
                  active,
                  count,
                  tokens,
                  embedding.halfs(),
                  act.x(),
                  items,
                  config.hidden())
              : TaskPackage.createPackage(
                  graph.id("embed"),
                  GroupLayerKernels::embed,
                  context,
                  active,
                  count,
                  tokens,
                  embedding.floats(),
                  act.x(),
                  items,
                  config.hidden()),
          itemsOf(items));
    } else {
      graph.add(
          embedding.half()
              ? TaskPackage.createPackage(
                  graph.id("embed"),
                  LayerKernels::embedHalf,
                  active,
                  count,
                  tokens,
                  embedding.halfs(),
                  act.x(),
                  items,
                  config.hidden())
              : TaskPackage.createPackage(
                  graph.id("embed"),
                  LayerKernels::embed,
                  active,
                  count,
                  tokens,
                  embedding.floats(),
                  act.x(),
                  items,
                  config.hidden()),
          fine(items));
    }
  }

  /**
   * Residual stream to queries, keys and values after RoPE.
   *
   * @param withKeys whether the layer has keys and values of its own
   */
  public void beforeAttention(
      KernelGraph graph,
      LayerArrays weights,
      boolean withKeys,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    norm(graph, "attentionNorm", weights.vectors(), 0);
    linear(graph, "qkv", act.normed(), weights.qkv(), act.qkv(), false);
    int heads = config.attention().heads();
    int kvHeads = withKeys ? config.attention().kvHeads() : 0;
    int items = rows * (heads + 2 * kvHeads);
    if (groups) {
      graph.add(
          TaskPackage.createPackage(
              graph.id("rotate"),
              GroupLayerKernels::rotateHeads,
              context,
              active,
              count,
              act.qkv(),
              act.angles(),
              weights.vectors(),
              weights.biasOffset(),
              weights.headNormOffset(),
              query,
              newKey,
              newValue,
              heads,
              kvHeads,
              config.attention().headDim(),
              config.rmsEpsilon()),
          groupsOf(items, GroupLayerKernels.HEAD_ITEMS));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id("rotate"),
              LayerKernels::rotateHeads,
              active,
              count,
              act.qkv(),
              act.angles(),
              weights.vectors(),
              weights.biasOffset(),
              weights.headNormOffset(),
              query,
              newKey,
              newValue,
              items,
              heads,
              kvHeads,
              config.attention().headDim(),
              config.rmsEpsilon()),
          coarse(items));
    }
  }

  /** Attention's output through its projection and the MLP, both added to the residual stream. */
  public void afterAttention(KernelGraph graph, LayerArrays weights, FloatArray attended) {
    linear(graph, "output", attended, weights.output(), act.x(), true);
    norm(graph, "mlpNorm", weights.vectors(), config.hidden());
    linear(graph, "gateUp", act.normed(), weights.gateUp(), act.gateUp(), false);
    int items = rows * config.intermediate();
    if (groups) {
      graph.add(
          TaskPackage.createPackage(
              graph.id("swiGlu"),
              GroupLayerKernels::swiGlu,
              context,
              active,
              count,
              act.gateUp(),
              act.gated(),
              items,
              config.intermediate()),
          itemsOf(items));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id("swiGlu"),
              LinearKernels::swiGlu,
              active,
              count,
              act.gateUp(),
              act.gated(),
              items,
              config.intermediate()),
          fine(items));
    }
    linear(graph, "down", act.gated(), weights.down(), act.x(), true);
  }

  /** Residual stream of each row to logits and the id of the highest. */
  public void head(KernelGraph graph, FloatArray finalNorm, Weights head, IntArray chosen) {
    norm(graph, "finalNorm", finalNorm, 0);
    logits(graph, head, chosen);
  }

  /**
   * The same for the last row of a chunk alone, as row 0.
   *
   * @param tokens index in the active array of the chunk's token count
   */
  public void lastHead(
      KernelGraph graph, int tokens, FloatArray finalNorm, Weights head, IntArray chosen) {
    if (groups) {
      groupNorm(graph, "finalNorm", tokens, finalNorm, 0, 1, 1);
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id("finalNorm"),
              LayerKernels::lastRmsNorm,
              active,
              tokens,
              act.x(),
              finalNorm,
              act.normed(),
              1,
              config.hidden(),
              config.rmsEpsilon()),
          coarse(1));
    }
    logits(graph, head, chosen);
  }

  private void logits(KernelGraph graph, Weights head, IntArray chosen) {
    linear(graph, "logits", act.normed(), head, act.logits(), false);
    int items = rows * ARGMAX_PARTS;
    if (groups) {
      graph.add(
          TaskPackage.createPackage(
              graph.id("argmaxParts"),
              GroupLayerKernels::argmaxParts,
              context,
              active,
              count,
              act.logits(),
              act.best(),
              items,
              ARGMAX_PARTS,
              config.vocabulary()),
          itemsOf(items));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id("argmaxParts"),
              LayerKernels::argmaxParts,
              active,
              count,
              act.logits(),
              act.best(),
              items,
              ARGMAX_PARTS,
              config.vocabulary()),
          coarse(items));
    }
    if (groups) {
      graph.add(
          TaskPackage.createPackage(
              graph.id("argmax"),
              GroupLayerKernels::argmax,
              context,
              active,
              count,
              act.logits(),
              act.best(),
              chosen,
              ARGMAX_PARTS,
              config.vocabulary()),
          groupsOf(rows, ARGMAX_PARTS));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id("argmax"),
              LayerKernels::argmax,
              active,
              count,
              act.logits(),
              act.best(),
              chosen,
              rows,
              ARGMAX_PARTS,
              config.vocabulary()),
          coarse(rows));
    }
  }

  private void groupNorm(
      KernelGraph graph,
      String id,
      int counted,
      FloatArray weights,
      int offset,
      int last,
      int normed) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            GroupLinearKernels::rmsNorm,
            context,
            active,
            counted,
            act.x(),
            weights,
            offset,
            act.normed(),
            last,
            config.hidden(),
            config.rmsEpsilon()),
        groupsOf(normed, GroupLinearKernels.ITEMS));
  }

  private void norm(KernelGraph graph, String id, FloatArray weights, int offset) {
    if (groups) {
      groupNorm(graph, id, count, weights, offset, 0, rows);
      return;
    }
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            LayerKernels::rmsNorm,
            active,
            count,
            act.x(),
            weights,
            offset,
            act.normed(),
            rows,
            config.hidden(),
            config.rmsEpsilon()),
        coarse(rows));
  }

  private void tensorLinear(
      KernelGraph graph,
      String id,
      FloatArray input,
      Weights weights,
      FloatArray output,
      int adds) {
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    int rowTiles = TensorLinearKernels.rowTiles(rows);
    int rowGroups = Math.ceilDiv(rows, rowTiles * TensorLinearKernels.ROWS);
    int tiles = Math.ceilDiv(outputs, TensorLinearKernels.OUTPUTS) * rowGroups;
    int splits = act.splits(tiles, rows, inputs, outputs);
    HalfFloatArray half = act.half().get();
    graph.add(
        TaskPackage.createPackage(
            graph.id(id + "Input"),
            TensorLinearKernels::toHalf,
            context,
            active,
            count,
            input,
            half,
            inputs),
        itemsOf(rows * inputs));
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            TensorLinearKernels::linear,
            context,
            active,
            count,
            half,
            weights.halfs(),
            output,
            act.splitSums().get(),
            adds,
            inputs,
            outputs,
            rows,
            rowTiles,
            rowGroups,
            splits),
        groupsOf(tiles * splits, TensorLinearKernels.WARPS * TensorTile.WARP));
    if (splits > 1) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id + "Splits"),
              TensorLinearKernels::addSplits,
              context,
              active,
              count,
              act.splitSums().get(),
              output,
              adds,
              outputs,
              rows,
              splits),
          itemsOf(rows * outputs));
    }
  }

  private void linear(
      KernelGraph graph,
      String id,
      FloatArray input,
      Weights weights,
      FloatArray output,
      boolean add) {
    int adds = add ? 1 : 0;
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    if (act.half().isPresent() && weights.half() && inputs % TensorLinearKernels.INPUTS == 0) {
      tensorLinear(graph, id, input, weights, output, adds);
    } else if (groups && rows >= MANY_ROWS) {
      int tiles = Math.ceilDiv(outputs, TiledLinearKernels.TILE);
      graph.add(
          weights.half()
              ? TaskPackage.createPackage(
                  graph.id(id),
                  TiledLinearKernels::multiplyHalf,
                  context,
                  active,
                  count,
                  input,
                  weights.halfs(),
                  output,
                  adds,
                  inputs,
                  outputs,
                  tiles)
              : TaskPackage.createPackage(
                  graph.id(id),
                  TiledLinearKernels::multiply,
                  context,
                  active,
                  count,
                  input,
                  weights.floats(),
                  output,
                  adds,
                  inputs,
                  outputs,
                  tiles),
          groupsOf(tiles * Math.ceilDiv(rows, TiledLinearKernels.TILE), TiledLinearKernels.ITEMS));
    } else if (groups) {
      graph.add(
          weights.half()
              ? TaskPackage.createPackage(
                  graph.id(id),
                  GroupLinearKernels::linearHalf,
                  context,
                  active,
                  count,
                  input,
                  weights.halfs(),
                  output,
                  adds,
                  inputs,
                  outputs)
              : TaskPackage.createPackage(
                  graph.id(id),
                  GroupLinearKernels::linear,
                  context,
                  active,
                  count,
                  input,
                  weights.floats(),
                  output,
                  adds,
                  inputs,
                  outputs),
          groupsOf(Math.ceilDiv(outputs, GroupLinearKernels.OUTPUTS), GroupLinearKernels.ITEMS));
    } else if (weights.half()) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id),
              HalfLinearKernels::linear,
              active,
              count,
              input,
              weights.halfs(),
              output,
              adds,
              inputs,
              outputs),
          coarse(outputs));
    } else if (rows >= 4) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id),
              LinearKernels::linearRows,
              active,
              count,
              input,
              weights.floats(),
              output,
              adds,
              inputs,
              outputs),
          coarse(outputs));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id),
              LinearKernels::linear,
              active,
              count,
              input,
              weights.floats(),
              output,
              adds,
              inputs,
              outputs),
          coarse(outputs));
    }
  }

  private static WorkerGrid groupsOf(int count, int items) {
    WorkerGrid grid = new WorkerGrid1D(count * items);
    grid.setLocalWork(items, 1, 1);
    return grid;
  }

  /** One item for each, and as many more as fill the last work-group. */
  private static WorkerGrid itemsOf(int items) {
    return groupsOf(Math.ceilDiv(items, ITEMS), ITEMS);
  }

  /** Each item a work-group of its own, so that a CPU's threads share them out. */
  private static WorkerGrid coarse(int items) {
    WorkerGrid grid = new WorkerGrid1D(items);
    grid.setLocalWork(1, 1, 1);
    return grid;
  }

  /** Small items, grouped as the device's driver likes. */
  private static WorkerGrid fine(int items) {
    return new WorkerGrid1D(items);
  }
}
