package org.resa4j.engine.jvm;

import org.resa4j.engine.jvm.Linear.Part;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Tensor;

/** One layer's weights, ready to run, and its cache. */
final class JvmLayer {
  final LayerCache cache;
  final float[] attentionNorm;
  final Linear queryKeyValue;

  /** {@code [d]}, or null where the architecture has none. */
  final float[] queryNorm;

  /** {@code [d]}, or null where the architecture has none. */
  final float[] keyNorm;

  final Linear output;
  final float[] mlpNorm;
  final Linear gateUp;
  final Linear down;

  /** Where the linear layers write; all layers share these. */
  record Outputs(
      float[] query, float[] key, float[] value, float[] projected, float[] gate, float[] up) {}

  JvmLayer(
      LayerWeights weights, LayerCache cache, VectorOps ops, Workers workers, Outputs outputs) {
    this.cache = cache;
    attentionNorm = weights.attentionNorm().toFloats();
    queryKeyValue =
        new Linear(
            ops,
            workers,
            Part.of(weights.query(), weights.queryBias(), outputs.query),
            Part.of(weights.key(), weights.keyBias(), outputs.key),
            Part.of(weights.value(), weights.valueBias(), outputs.value));
    queryNorm = weights.queryNorm().map(Tensor::toFloats).orElse(null);
    keyNorm = weights.keyNorm().map(Tensor::toFloats).orElse(null);
    output = new Linear(ops, workers, Part.of(weights.output(), outputs.projected));
    mlpNorm = weights.mlpNorm().toFloats();
    gateUp =
        new Linear(
            ops, workers, Part.of(weights.gate(), outputs.gate), Part.of(weights.up(), outputs.up));
    down = new Linear(ops, workers, Part.of(weights.down(), outputs.projected));
  }
}
