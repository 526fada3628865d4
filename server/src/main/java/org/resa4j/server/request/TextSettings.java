package org.resa4j.server.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.resa4j.GenerationOptions;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;
import tools.jackson.databind.JsonNode;

/**
 * How the texts of a request are wanted, as far as it says so; the model's own settings hold for
 * the rest.
 *
 * @param n texts for each prompt
 * @param seed of the first of them, one more for each other
 */
record TextSettings(
    int n,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt topK,
    OptionalDouble minP,
    OptionalDouble repetitionPenalty,
    OptionalLong seed,
    List<String> stop,
    OptionalDouble keepRatio,
    Optional<String> rectifyEvery,
    OptionalDouble rectifyKeep,
    Optional<Boolean> exact) {
  private static final int MOST_TEXTS = 128;
  private static final int MOST_STOPS = 16;
  private static final int LONGEST_STOP = 1000;
  private static final int MOST_TOP_K = 1_000_000;
  private static final double MOST_PENALTY = 100;

  /** Refused unless they are neutral, with one reason. */
  private static final List<String> PENALTIES = List.of("frequency_penalty", "presence_penalty");

  TextSettings {
    stop = List.copyOf(stop);
  }

  static TextSettings of(Fields fields) {
    for (String penalty : PENALTIES) {
      fields.only(
          penalty,
          value -> value.isNumber() && value.doubleValue() == 0,
          "repetition_penalty is what there is");
    }
    fields.only("logit_bias", value -> value.isObject() && value.isEmpty(), "leave it out");
    return new TextSettings(
        fields.integer("n", 1, MOST_TEXTS).orElse(1),
        fields.number("temperature", 0, 2),
        above0(fields, "top_p", 1),
        fields.integer("top_k", 0, MOST_TOP_K),
        fields.number("min_p", 0, 1),
        above0(fields, "repetition_penalty", MOST_PENALTY),
        fields.integer("seed"),
        stops(fields),
        above0(fields, "keep_ratio", 1),
        rectification(fields),
        above0(fields, "rectify_keep", 1),
        fields.flag("exact"));
  }

  private static OptionalDouble above0(Fields fields, String field, double most) {
    OptionalDouble value = fields.number(field, 0, most);
    if (value.isPresent() && value.getAsDouble() == 0) {
      throw ApiException.invalid(fields.name(field), fields.name(field) + " must be above 0");
    }
    return value;
  }

  private static List<String> stops(Fields fields) {
    if (!fields.has("stop")) {
      return List.of();
    }
    JsonNode stop = fields.node("stop");
    List<String> stops = new ArrayList<>();
    for (JsonNode each : stop.isArray() ? stop.values() : List.of(stop)) {
      if (!each.isString()
          || each.asString().isEmpty()
          || each.asString().length() > LONGEST_STOP
          || stops.size() == MOST_STOPS) {
        throw fields.wrong(
            "stop",
            "a string or up to %d, each of 1 to %d characters".formatted(MOST_STOPS, LONGEST_STOP));
      }
      stops.add(each.asString());
    }
    return stops;
  }

  private static Optional<String> rectification(Fields fields) {
    if (!fields.has("rectify_every")) {
      return Optional.empty();
    }
    JsonNode value = fields.node("rectify_every");
    if (value.isIntegralNumber() || value.isString()) {
      return Optional.of(value.asString());
    }
    throw fields.wrong("rectify_every", "a number of tokens, 0 for off, or \"auto\"");
  }

  /**
   * The options of one of the texts.
   *
   * @param defaults what holds for what the request does not say
   * @param text its number, from 0
   * @throws ApiException if settings exclude each other, or are out of range
   */
  GenerationOptions options(GenerationOptions defaults, int maxTokens, int text, long seed) {
    Sampling own = defaults.sampling();
    return defaults
        .withMaxTokens(maxTokens)
        .withAttention(attention(defaults.attention()))
        .withSampling(
            new Sampling(
                temperature.orElse(own.temperature()),
                topK.orElse(own.topK()),
                topP.orElse(own.topP()),
                minP.orElse(own.minP()),
                repetitionPenalty.orElse(own.repetitionPenalty()),
                seed + text))
        .withStopStrings(stop);
  }

  /** The seed asked for, or one that nobody has asked for. */
  long firstSeed() {
    return seed.orElseGet(() -> ThreadLocalRandom.current().nextLong());
  }

  private ResaConfig attention(ResaConfig own) {
    boolean exactly = exact.orElse(own.exact().isPresent());
    if (exactly && rectifyEvery.isPresent()) {
      throw ApiException.invalid(
          "rectify_every", "exact mode leaves nothing to rectify; drop rectify_every");
    }
    if (exactly && rectifyKeep.isPresent()) {
      throw ApiException.invalid("rectify_keep", "exact mode verifies densely; drop rectify_keep");
    }
    if (!exactly && own.exact().isPresent() && rectifyEvery.isEmpty()) {
      throw ApiException.missing("rectify_every");
    }
    // Dense settings bound nothing: a request that is sparse all the same gets the default bounds.
    ResaConfig bounds = own.isDense() ? ResaConfig.DEFAULT : own;
    ResaConfig config =
        new ResaConfig(
            own.blockSize(),
            keepRatio.orElse(own.keepRatio()),
            bounds.minBlocks(),
            bounds.localBlocks(),
            exactly ? 0 : own.rectifyEvery(),
            exactly ? 1 : rectifyKeep.orElse(own.rectifyKeep()),
            exactly ? Optional.empty() : own.driftTarget(),
            exactly ? Optional.of(own.exact().orElse(DraftLength.AUTO)) : Optional.empty(),
            own.sparseFrom());
    if (exactly || rectifyEvery.isEmpty()) {
      return config;
    }
    try {
      return config.withRectification(rectifyEvery.get());
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid("rectify_every", "rectify_every: " + e.getMessage());
    }
  }
}
