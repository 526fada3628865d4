package org.resa4j.format;

import java.util.List;
import org.resa4j.error.InputException;

/**
 * What sets one architecture's GGUF files apart.
 *
 * @param name as {@code general.architecture} has it, and the prefix of its keys
 * @param model what {@code ModelConfig} calls it: the name of the same checkpoint at Hugging Face;
 *     Mistral's models are llama too
 * @param pairedHeads whether the rows of query and key weights stand in pairs that are turned
 *     together, (2i, 2i+1), where Hugging Face has them in halves, (i, i + d/2)
 * @param headNorms whether query and key heads are normed
 */
record GgufArchitecture(String name, String model, boolean pairedHeads, boolean headNorms) {
  private static final String KEY = "general.architecture";

  static final List<GgufArchitecture> ALL =
      List.of(
          new GgufArchitecture("llama", "LlamaForCausalLM", true, false),
          new GgufArchitecture("qwen2", "Qwen2ForCausalLM", false, false),
          new GgufArchitecture("qwen3", "Qwen3ForCausalLM", false, true));

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
}
