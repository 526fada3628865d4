package org.resa4j.engine.jvm;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.jvm.Linear.Part;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Tensor;

/** One layer's weights, ready to run, and its cache. */
final class JvmLayer {
  final LayerCache cache;

  /** Whether the layer computes the K and V of its cache; else an earlier one does. */
  final boolean writesCache;

  final float[] attentionNorm;

  /** Queries, and K and V if the layer computes them. */
  final Linear projections;

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
    writesCache = weights.key().isPresent();
    List<Part> parts = new ArrayList<>();
    parts.add(Part.of(weights.query(), outputs.query));
    weights.key().ifPresent(key -> parts.add(Part.of(key, outputs.key)));
    weights.value().ifPresent(value -> parts.add(Part.of(value, outputs.value)));
    projections = new Linear(ops, workers, parts.toArray(Part[]::new));
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
