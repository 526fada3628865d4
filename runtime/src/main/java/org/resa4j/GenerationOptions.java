package org.resa4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;

/**
 * How a text is to be written. Begin with {@link Resa#defaults()}, which has what the model's files
 * say, and change what should be different.
 *
 * @param maxTokens the most tokens
 * @param attention attention settings; the block size must be the one that {@link Resa} was built
 *     with
 * @param sampling how tokens are chosen
 * @param stopStrings texts that end it; they are not part of the result
 * @param stopTokens tokens that end it, beside the model's own; they are not part of the result
 * @param stopAtEndOfText whether the model's end-of-text tokens end it
 * @param logProbabilities whether tokens come with their log-probability, and with how many of the
 *     likeliest others; empty for neither
 * @param templateVariables what a chat template is given beside the conversation, such as {@code
 *     enable_thinking}: strings, numbers, booleans, and lists and maps of them
 * @param measureDrift whether {@link Usage#rectification()} is to have the drift that rectification
 *     removes; it has with a target of drift in any case
 */
public record GenerationOptions(
    int maxTokens,
    ResaConfig attention,
    Sampling sampling,
    List<String> stopStrings,
    Set<Integer> stopTokens,
    boolean stopAtEndOfText,
    OptionalInt logProbabilities,
    Map<String, Object> templateVariables,
    boolean measureDrift) {

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public GenerationOptions {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
    }
    Objects.requireNonNull(attention, "options need attention settings");
    Objects.requireNonNull(sampling, "options need a way to choose tokens");
    stopStrings = List.copyOf(stopStrings);
    if (stopStrings.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
    stopTokens = Set.copyOf(stopTokens);
    if (logProbabilities.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "logProbabilities must not be negative, was " + logProbabilities.getAsInt());
    }
    templateVariables = Map.copyOf(templateVariables);
  }

  /** No stop strings or tokens, no log-probabilities, no template variables, no drift. */
  public GenerationOptions(int maxTokens, ResaConfig attention, Sampling sampling) {
    this(
        maxTokens,
        attention,
        sampling,
        List.of(),
        Set.of(),
        true,
        OptionalInt.empty(),
        Map.of(),
        false);
  }

  public GenerationOptions withMaxTokens(int tokens) {
    return new GenerationOptions(
        tokens,
        attention,
        sampling,
        stopStrings,
        stopTokens,
        stopAtEndOfText,
        logProbabilities,
        templateVariables,
        measureDrift);
  }

  public GenerationOptions withAttention(ResaConfig config) {
    return new GenerationOptions(
        maxTokens,
        config,
        sampling,
        stopStrings,
        stopTokens,
        stopAtEndOfText,
        logProbabilities,
        templateVariables,
        measureDrift);
  }

  public GenerationOptions withSampling(Sampling how) {
    return new GenerationOptions(
        maxTokens,
        attention,
        how,
        stopStrings,
        stopTokens,
        stopAtEndOfText,
        logProbabilities,
        templateVariables,
        measureDrift);
  }

  public GenerationOptions withStopStrings(List<String> stops) {
    return new GenerationOptions(
        maxTokens,
        attention,
        sampling,
        stops,
        stopTokens,
        stopAtEndOfText,
        logProbabilities,
        templateVariables,
        measureDrift);
  }

  public GenerationOptions withStopTokens(Set<Integer> tokens) {
    return new GenerationOptions(
        maxTokens,
        attention,
        sampling,
        stopStrings,
        tokens,
        stopAtEndOfText,
        logProbabilities,
        templateVariables,
        measureDrift);
  }

  public GenerationOptions withStopAtEndOfText(boolean stop) {
    return new GenerationOptions(
        maxTokens,
        attention,
        sampling,
        stopStrings,
        stopTokens,
        stop,
        logProbabilities,
        templateVariables,
        measureDrift);
  }

  /**
   * With the log-probability of each token.
   *
   * @param likeliest how many of the likeliest tokens come with it; may be 0
   */
  public GenerationOptions withLogProbabilities(int likeliest) {
    return new GenerationOptions(
        maxTokens,
        attention,
        sampling,
        stopStrings,
        stopTokens,
        stopAtEndOfText,
        OptionalInt.of(likeliest),
        templateVariables,
        measureDrift);
  }

  /** With one more template variable, or another value of it. */
  public GenerationOptions withTemplateVariable(String name, Object value) {
    Map<String, Object> variables = new LinkedHashMap<>(templateVariables);
    variables.put(name, value);
    return new GenerationOptions(
        maxTokens,
        attention,
        sampling,
        stopStrings,
        stopTokens,
        stopAtEndOfText,
        logProbabilities,
        variables,
        measureDrift);
  }

  public GenerationOptions withMeasureDrift(boolean on) {
    return new GenerationOptions(
        maxTokens,
        attention,
        sampling,
        stopStrings,
        stopTokens,
        stopAtEndOfText,
        logProbabilities,
        templateVariables,
        on);
  }
}
