package org.resa4j.engine;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Tensor;

/** Models with one KV cache for all layers, made of models with one for each. */
final class SharedCacheModels {
  private SharedCacheModels() {}

  /** The model with the keys and values of its first layer alone: another model. */
  static Model sharing(Model model) {
    List<LayerWeights> layers = new ArrayList<>();
    for (LayerWeights layer : model.layers()) {
      layers.add(layers.isEmpty() ? layer : withoutKeys(layer));
    }
    ModelConfig config = model.config();
    return with(
        model,
        new ModelConfig(
            config.architecture(),
            config.layers(),
            config.hidden(),
            config.attention(),
            config.intermediate(),
            config.vocabulary(),
            config.rmsEpsilon(),
            config.rope(),
            config.maxContext(),
            config.tiedEmbeddings(),
            true,
            config.endOfText()),
        layers);
  }

  /**
   * A model whose layers all compute the same K and V, so that sharing them changes nothing: each
   * has the key and value weights of the first, and none but the last adds to the residual stream.
   */
  static Model agreeing(Model model) {
    LayerWeights first = model.layers().getFirst();
    List<LayerWeights> layers = new ArrayList<>();
    for (LayerWeights layer : model.layers()) {
      boolean last = layers.size() == model.layers().size() - 1;
      layers.add(
          new LayerWeights(
              first.attentionNorm(),
              layer.query(),
              first.key(),
              first.value(),
              last ? layer.output() : zero(layer.output()),
              layer.queryNorm(),
              first.keyNorm(),
              layer.mlpNorm(),
              layer.gate(),
              layer.up(),
              last ? layer.down() : zero(layer.down())));
    }
    return with(model, model.config(), layers);
  }

  private static LayerWeights withoutKeys(LayerWeights layer) {
    return new LayerWeights(
        layer.attentionNorm(),
        layer.query(),
        Optional.empty(),
        Optional.empty(),
        layer.output(),
        layer.queryNorm(),
        Optional.empty(),
        layer.mlpNorm(),
        layer.gate(),
        layer.up(),
        layer.down());
  }

  private static Projection zero(Projection projection) {
    Tensor tensor = projection.weight();
    return Projection.of(
        new Tensor(
            tensor.name(),
            tensor.dtype(),
            tensor.shape(),
            Arena.ofAuto().allocate(tensor.data().byteSize())));
  }

  private static Model with(Model model, ModelConfig config, List<LayerWeights> layers) {
    return new Model(
        model.name(), config, model.embedding(), layers, model.finalNorm(), model.head());
  }
}
