package org.resa4j.tornado.loop;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A forward pass around attention in loop-parallel kernels. */
public final class LoopLayer implements LayerTasks {
  @Override
  public void receive(KernelGraph graph, String part, IntArray sent, IntArray resident) {
    LoopReceive.launch(graph, part, sent, resident);
  }

  @Override
  public void receive(KernelGraph graph, String part, FloatArray sent, FloatArray resident) {
    LoopReceive.launch(graph, part, sent, resident);
  }

  @Override
  public void embed(
      KernelGraph graph, ActiveRows rows, IntArray tokens, Weights embedding, FloatArray x) {
    switch (embedding) {
      case PlainWeights plain -> LoopEmbed.launch(graph, rows, tokens, plain, x);
      case PackedWeights packed -> LoopPackedEmbed.launch(graph, rows, tokens, packed, x);
    }
  }

  @Override
  public void norm(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm) {
    LoopNorm.launch(graph, stage, rows, x, weights, offset, normed, norm);
  }

  @Override
  public void chunkNorm(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      Reals normed,
      Norm norm) {
    LoopNorm.launchOfChunk(graph, rows, x, weights, normed, norm);
  }

  @Override
  public void linear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray output,
      boolean add) {
    switch (weights) {
      case PlainWeights plain -> LoopLinear.launch(graph, stage, rows, input, plain, output, add);
      case PackedWeights packed ->
          LoopPackedLinear.launch(graph, stage, rows, input, packed, output, add);
    }
  }

  @Override
  public void addBias(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray vectors,
      int offset,
      int width) {
    LoopLinear.launchBias(graph, stage, rows, x, vectors, offset, width);
  }

  @Override
  public void rotate(
      KernelGraph graph,
      ActiveRows rows,
      Heads heads,
      FloatArray qkv,
      FloatArray angles,
      LayerArrays weights,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    LoopRotate.launch(graph, rows, heads, qkv, angles, weights, query, newKey, newValue);
  }

  @Override
  public void swiGlu(
      KernelGraph graph, ActiveRows rows, FloatArray gateUp, Reals gated, int width) {
    LoopSwiGlu.launch(graph, rows, gateUp, gated, width);
  }

  @Override
  public void argmax(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray logits,
      IntArray best,
      IntArray chosen,
      int vocabulary) {
    LoopArgmax.launch(graph, rows, logits, best, chosen, vocabulary);
  }
}
