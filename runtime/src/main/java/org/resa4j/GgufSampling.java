package org.resa4j;

import java.util.Optional;
import java.util.OptionalDouble;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.JsonObject;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sampling that a GGUF file recommends under {@code general.sampling}, in the words of {@code
 * generation_config.json}. It samples where the file has a temperature above 0.
 */
final class GgufSampling {
  static final String NAME = "general.sampling";

  private GgufSampling() {}

  /**
   * Empty where the file recommends none.
   *
   * @throws org.resa4j.error.InputException for what is no number, or is not done here
   */
  static Optional<JsonObject> of(GgufMetadata metadata) {
    if (metadata.keys().stream().noneMatch(key -> key.startsWith(NAME + "."))) {
      return Optional.empty();
    }
    boolean mirostat = metadata.whole(key("mirostat"), 0, 2).orElse(0) != 0;
    if (mirostat || number(metadata, "xtc_probability").orElse(0) != 0) {
      throw metadata.wrong(
          key(mirostat ? "mirostat" : "xtc_probability"), "0, or missing: it is not supported");
    }
    ObjectNode words = JsonNodeFactory.instance.objectNode();
    OptionalDouble temperature = number(metadata, "temp");
    words.put("do_sample", temperature.orElse(0) > 0);
    temperature.ifPresent(value -> words.put("temperature", value));
    // llama.cpp takes all tokens with 0 and with less.
    metadata
        .whole(key("top_k"), Integer.MIN_VALUE, Integer.MAX_VALUE)
        .ifPresent(value -> words.put("top_k", Math.max(0, value)));
    number(metadata, "top_p").ifPresent(value -> words.put("top_p", value));
    number(metadata, "min_p").ifPresent(value -> words.put("min_p", value));
    number(metadata, "penalty_repeat").ifPresent(value -> words.put("repetition_penalty", value));
    return Optional.of(new JsonObject(metadata.file() + ": " + NAME, words));
  }

  /** As it was written down: 0.95 is not a float. */
  private static OptionalDouble number(GgufMetadata metadata, String name) {
    Optional<Double> value = metadata.number(key(name));
    return value
        .map(
            exact ->
                (float) exact.doubleValue() == exact
                    ? Double.parseDouble(Float.toString(exact.floatValue()))
                    : exact)
        .map(OptionalDouble::of)
        .orElseGet(OptionalDouble::empty);
  }

  private static String key(String name) {
    return NAME + "." + name;
  }
}
