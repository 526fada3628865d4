package org.resa4j.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.InputException;
import org.resa4j.model.ModelConfig;
import tools.jackson.databind.JsonNode;

/** Reads {@code config.json} and {@code generation_config.json}, with older and newer keys. */
final class HuggingFaceConfig {
  static final Set<String> ARCHITECTURES =
      Set.of("Qwen2ForCausalLM", "Qwen3ForCausalLM", "LlamaForCausalLM", "MistralForCausalLM");

  private HuggingFaceConfig() {}

  static ModelConfig read(Path directory) {
    Path file = directory.resolve("config.json");
    JsonNode config = Json.read(file);
    String architecture = config.path("architectures").path(0).asString("none");
    if (!ARCHITECTURES.contains(architecture)) {
      throw new InputException(
          "%s: architecture %s is not supported; supported are %s"
              .formatted(file, architecture, ARCHITECTURES.stream().sorted().toList()));
    }
    String activation = config.path("hidden_act").asString("silu");
    if (!activation.equals("silu")) {
      throw new InputException(
          "%s: hidden_act %s is not supported, only silu".formatted(file, activation));
    }
    int hidden = Json.positive(file, config, "hidden_size");
    int heads = Json.positive(file, config, "num_attention_heads");
    int kvHeads =
        config.has("num_key_value_heads")
            ? Json.positive(file, config, "num_key_value_heads")
            : heads;
    int headDim =
        config.path("head_dim").isNumber()
            ? Json.positive(file, config, "head_dim")
            : hidden / heads;
    AttentionShape shape;
    try {
      shape = new AttentionShape(heads, kvHeads, headDim);
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
    return new ModelConfig(
        architecture,
        Json.positive(file, config, "num_hidden_layers"),
        hidden,
        shape,
        Json.positive(file, config, "intermediate_size"),
        Json.positive(file, config, "vocab_size"),
        (float) Json.number(file, config, "rms_norm_eps"),
        RopeConfig.read(file, config, headDim),
        maxContext(file, config),
        config.path("tie_word_embeddings").asBoolean(false),
        false,
        endOfText(directory, config));
  }

  /** A window of attention, where the model uses one, ends the context within which it is exact. */
  private static int maxContext(Path file, JsonNode config) {
    int positions = Json.positive(file, config, "max_position_embeddings");
    boolean windowed =
        config.path("sliding_window").isNumber()
            && config.path("use_sliding_window").asBoolean(true);
    return windowed
        ? Math.min(positions, Json.positive(file, config, "sliding_window"))
        : positions;
  }

  private static Set<Integer> endOfText(Path directory, JsonNode config) {
    Path file = directory.resolve("generation_config.json");
    JsonNode node =
        Files.exists(file) ? Json.read(file).path("eos_token_id") : config.path("eos_token_id");
    if (node.isMissingNode()) {
      node = config.path("eos_token_id");
    }
    Set<Integer> tokens = new HashSet<>();
    if (node.isArray()) {
      node.forEach(token -> tokens.add(token.asInt()));
    } else if (node.isNumber()) {
      tokens.add(node.asInt());
    }
    return tokens;
  }
}
