package org.resa4j.format;

import java.util.List;
import org.resa4j.error.InputException;

/**
 * What sets one architecture's GGUF files apart.
 *
 * @param name as {@code general.architecture} has it, and the prefix of its keys
 * @param models what {@code ModelConfig} calls it: the names of the same checkpoints at Hugging
 *     Face, of which a file is taken for the first
 * @param pairedHeads whether the rows of query and key weights stand in pairs that are turned
 *     together, (2i, 2i+1), where Hugging Face has them in halves, (i, i + d/2)
 * @param headNorms whether query and key heads are normed
 */
record GgufArchitecture(String name, List<String> models, boolean pairedHeads, boolean headNorms) {
  static final String KEY = "general.architecture";

  static final List<GgufArchitecture> ALL =
      List.of(
          new GgufArchitecture(
              "llama", List.of("LlamaForCausalLM", "MistralForCausalLM"), true, false),
          new GgufArchitecture("qwen2", List.of("Qwen2ForCausalLM"), false, false),
          new GgufArchitecture("qwen3", List.of("Qwen3ForCausalLM"), false, true));

  /**
   * The one that a file names.
   *
   * @throws InputException if it names none of these
   */
  static GgufArchitecture of(GgufMetadata metadata) {
    List<String> names = ALL.stream().map(GgufArchitecture::name).toList();
    String asked = metadata.text(KEY).orElseThrow(() -> metadata.wrong(KEY, "one of " + names));
    return ALL.stream()
        .filter(each -> each.name.equals(asked))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s: architecture %s is not supported; supported are %s"
                        .formatted(metadata.file(), asked, names)));
  }

  /**
   * The one that files of a model name.
   *
   * @param model as {@code ModelConfig} calls it
   * @throws InputException if there is none
   */
  static GgufArchitecture ofModel(String model) {
    return ALL.stream()
        .filter(each -> each.models.contains(model))
        .findFirst()
        .orElseThrow(() -> new InputException("GGUF files of %s are not known".formatted(model)));
  }

  /** What a file's model is taken for. */
  String model() {
    return models.getFirst();
  }

  /** The row of a head in halves, (i, i + d/2), that comes at a place of one in pairs. */
  static int rowOfPairs(int place, int headDim) {
    int within = place % headDim;
    return place - within + within % 2 * (headDim / 2) + within / 2;
  }
}
