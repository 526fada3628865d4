package org.resa4j.format;

import java.util.List;
import java.util.Optional;
import org.resa4j.error.InputException;

/**
 * What sets one architecture's checkpoints apart; all run the same forward pass.
 *
 * @param name as {@code architectures} has it
 * @param type as {@code model_type} has it
 * @param queryBias whether query, key and value have biases
 * @param outputBias whether attention's output has one
 * @param mlpBias whether gate, up and down have biases
 * @param headNorms whether query and key heads are normed
 * @param window which layers look back no further than {@code sliding_window}
 * @param headDim the head dimension where {@code head_dim} is missing; else hidden / heads
 * @param positions {@code max_position_embeddings} where it is missing
 */
record Architecture(
    String name,
    String type,
    Bias queryBias,
    Bias outputBias,
    Bias mlpBias,
    boolean headNorms,
    Window window,
    Optional<Integer> headDim,
    int positions) {

  /** Where biases come from. */
  enum Bias {
    NEVER,
    ALWAYS,
    /** Where {@code attention_bias}, or {@code mlp_bias}, is true. */
    CONFIGURED
  }

  /** Which layers have an attention window. */
  enum Window {
    NONE,
    /** All, where {@code sliding_window} is not null; of 4096 tokens where it is missing. */
    ALL_LAYERS,
    /**
     * With {@code use_sliding_window}, those that {@code layer_types} says, or from {@code
     * max_window_layers} on.
     */
    SOME_LAYERS
  }

  /** In the reference library, each as its configuration class has it. */
  static final List<Architecture> ALL =
      List.of(
          new Architecture(
              "LlamaForCausalLM",
              "llama",
              Bias.CONFIGURED,
              Bias.CONFIGURED,
              Bias.CONFIGURED,
              false,
              Window.NONE,
              Optional.empty(),
              2048),
          new Architecture(
              "MistralForCausalLM",
              "mistral",
              Bias.NEVER,
              Bias.NEVER,
              Bias.NEVER,
              false,
              Window.ALL_LAYERS,
              Optional.empty(),
              131072),
          new Architecture(
              "Qwen2ForCausalLM",
              "qwen2",
              Bias.ALWAYS,
              Bias.NEVER,
              Bias.NEVER,
              false,
              Window.SOME_LAYERS,
              Optional.empty(),
              32768),
          new Architecture(
              "Qwen3ForCausalLM",
              "qwen3",
              Bias.CONFIGURED,
              Bias.CONFIGURED,
              Bias.NEVER,
              true,
              Window.SOME_LAYERS,
              Optional.of(128),
              32768));

  /**
   * The one that a configuration names: by {@code model_type}, as the reference library goes by it,
   * and {@code architectures}, of which one may be missing.
   *
   * @throws InputException if it names none of these, or two
   */
  static Architecture of(JsonObject config) {
    List<String> names = config.texts("architectures");
    Optional<String> type = config.optionalText("model_type");
    if (names.size() > 1 || (names.isEmpty() && type.isEmpty())) {
      throw config.wrong("architectures", "a list with one of " + names());
    }
    String asked = names.isEmpty() ? type.get() : names.getFirst();
    Architecture found =
        ALL.stream()
            .filter(each -> asked.equals(names.isEmpty() ? each.type : each.name))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "%s: architecture %s is not supported; supported are %s"
                            .formatted(config.where(), asked, names())));
    if (type.isPresent() && !type.get().equals(found.type)) {
      throw config.wrong("model_type", "\"%s\", that of %s".formatted(found.type, found.name));
    }
    return found;
  }

  private static List<String> names() {
    return ALL.stream().map(Architecture::name).toList();
  }
}
