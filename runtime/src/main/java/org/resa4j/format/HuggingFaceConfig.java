package org.resa4j.format;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.InputException;
import org.resa4j.model.ModelConfig;

/**
 * What {@code config.json} says, with older and newer keys, as the reference library reads it.
 *
 * @param architecture whose checkpoint it is
 * @param attentionBias whether the projections of attention have biases where that is configured
 * @param mlpBias the same for the MLP's
 * @param positions {@code max_position_embeddings}
 * @param rope position scaling
 * @param model the architecture in numbers
 */
record HuggingFaceConfig(
    Architecture architecture,
    boolean attentionBias,
    boolean mlpBias,
    int positions,
    RopeConfig rope,
    ModelConfig model) {

  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  /** The reference library's. */
  private static final double DEFAULT_EPSILON = 1e-6;

  /** What names a checkpoint whose weights are not plain numbers. */
  private static final List<String> QUANTISATION =
      List.of("quantization_config", "compression_config", "quantization");

  static HuggingFaceConfig read(JsonObject config) {
    refuseQuantised(config);
    refuseUnknown(config);
    Architecture architecture = Architecture.of(config);
    String activation = config.text("hidden_act").orElse("silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw new InputException(
          "%s: hidden_act %s is not supported, only silu".formatted(config.where(), activation));
    }
    AttentionShape shape = shape(config, architecture);
    int positions = config.positive("max_position_embeddings", architecture.positions());
    RopeConfig rope = RopeConfig.read(config, shape.headDim(), positions);
    int vocabulary = config.positive("vocab_size");
    int layers = config.positive("num_hidden_layers");
    float epsilon = (float) config.positiveNumber("rms_norm_eps", DEFAULT_EPSILON);
    if (Float.isInfinite(epsilon)) {
      throw config.wrong("rms_norm_eps", "a number that fp32 holds");
    }
    int window = window(config, architecture, layers).orElse(Integer.MAX_VALUE);
    try {
      ModelConfig model =
          new ModelConfig(
              architecture.name(),
              layers,
              config.positive("hidden_size"),
              shape,
              config.positive("intermediate_size"),
              vocabulary,
              epsilon,
              rope.rope(),
              // Within a window, attention to all of the context is what the model does.
              Math.min(rope.maxContext(), window),
              config.flag("tie_word_embeddings", false),
              false,
              Set.of());
      return new HuggingFaceConfig(
          architecture,
          config.flag("attention_bias", false),
          config.flag("mlp_bias", false),
          positions,
          rope,
          model);
    } catch (IllegalArgumentException e) {
      throw new InputException(config.where() + ": " + e.getMessage(), e);
    }
  }

  private static void refuseQuantised(JsonObject config) {
    for (String key : QUANTISATION) {
      Optional<JsonObject> quantised = config.object(key);
      if (quantised.isPresent()) {
        String method = quantised.get().optionalText("quant_method").orElse("unnamed");
        throw new InputException(
            ("%s: a quantised checkpoint (%s: %s); take the one in 16 bits, which is quantised on"
                    + " request as it is loaded, or a GGUF file")
                .formatted(config.where(), key, method));
      }
    }
  }

  /** Keys by which a model is another one than the forward pass here computes. */
  private static void refuseUnknown(JsonObject config) {
    if (!config.flag("is_causal", true)) {
      throw config.wrong("is_causal", "true: a model that writes looks back only");
    }
    if (config.has("transformers_weights")) {
      throw config.wrong(
          "transformers_weights", "missing: weights are read from their usual files");
    }
  }

  private static AttentionShape shape(JsonObject config, Architecture architecture) {
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    int kvHeads = config.optionalPositive("num_key_value_heads").orElse(heads);
    Optional<Integer> headDim = config.optionalPositive("head_dim").or(architecture::headDim);
    if (headDim.isEmpty() && hidden % heads != 0) {
      throw new InputException(
          "%s: hidden_size %d does not divide into %d heads, and there is no head_dim"
              .formatted(config.where(), hidden, heads));
    }
    try {
      return new AttentionShape(heads, kvHeads, headDim.orElse(hidden / heads));
    } catch (IllegalArgumentException e) {
      throw new InputException(config.where() + ": " + e.getMessage(), e);
    }
  }

  /** The attention window, where a layer has one. */
  private static Optional<Integer> window(
      JsonObject config, Architecture architecture, int layers) {
    List<String> types = layerTypes(config, layers);
    boolean used =
        switch (architecture.window()) {
          case NONE -> false;
          case ALL_LAYERS -> true;
          case SOME_LAYERS ->
              config.flag("use_sliding_window", false)
                  && (types.isEmpty()
                      ? config.whole("max_window_layers", 28) < layers
                      : types.contains(SLIDING));
        };
    if (!used && types.contains(SLIDING)) {
      throw config.wrong("layer_types", "full_attention for each layer, there being no window");
    }
    if (!used) {
      return Optional.empty();
    }
    return config.has("sliding_window")
        ? config.optionalPositive("sliding_window")
        : Optional.of(4096);
  }

  /** What each layer looks back to; empty where the configuration does not say it by layer. */
  private static List<String> layerTypes(JsonObject config, int layers) {
    List<String> types = config.texts("layer_types");
    boolean given = config.has("layer_types") && !config.node().get("layer_types").isNull();
    if (given && types.size() != layers
        || types.stream().anyMatch(type -> !type.equals(FULL) && !type.equals(SLIDING))) {
      throw config.wrong(
          "layer_types", "%s or %s for each of %d layers".formatted(FULL, SLIDING, layers));
    }
    return types;
  }

  /** Whether a projection of a part of the model has a bias. */
  static boolean has(Architecture.Bias bias, boolean configured) {
    return switch (bias) {
      case NEVER -> false;
      case ALWAYS -> true;
      case CONFIGURED -> configured;
    };
  }
}
