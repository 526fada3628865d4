package org.resa4j.generate;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.attention.ResaConfig;

/**
 * A text to be written, in tokens.
 *
 * @param prompt token ids, at least one
 * @param maxTokens the most tokens to write
 * @param config attention settings
 * @param sampling how tokens are chosen
 * @param stopTokens tokens that end the text; they are part of the result
 * @param listener hears each token
 * @param measureDrift whether {@link DecodeResult#rectification()} is to have the drift; it has
 *     with a target of drift in any case
 * @param logProbabilities whether tokens come with their log-probability, and with how many of the
 *     likeliest others; empty for neither
 * @param priority more urgent requests, of higher numbers, begin first and give up their place last
 * @param maxTime time from the request on after which the text ends; empty for any
 * @param cancellation ends this text before its next token
 * @param filter which tokens may be chosen; empty for all
 * @param trace hears what is read of the cache; empty for nobody. Only engines whose {@link
 *     org.resa4j.engine.EngineInfo#tellsSelections()} accept it
 */
public record DecodeRequest(
    int[] prompt,
    int maxTokens,
    ResaConfig config,
    Sampling sampling,
    Set<Integer> stopTokens,
    TokenListener listener,
    boolean measureDrift,
    OptionalInt logProbabilities,
    int priority,
    Optional<Duration> maxTime,
    Cancellation cancellation,
    Optional<TokenFilter> filter,
    Optional<TraceListener> trace) {

  /** With nobody who hears of the cache. */
  public DecodeRequest(
      int[] prompt,
      int maxTokens,
      ResaConfig config,
      Sampling sampling,
      Set<Integer> stopTokens,
      TokenListener listener,
      boolean measureDrift,
      OptionalInt logProbabilities,
      int priority,
      Optional<Duration> maxTime,
      Cancellation cancellation,
      Optional<TokenFilter> filter) {
    this(
        prompt,
        maxTokens,
        config,
        sampling,
        stopTokens,
        listener,
        measureDrift,
        logProbabilities,
        priority,
        maxTime,
        cancellation,
        filter,
        Optional.empty());
  }

  /** With any token, and nobody who hears of the cache. */
  public DecodeRequest(
      int[] prompt,
      int maxTokens,
      ResaConfig config,
      Sampling sampling,
      Set<Integer> stopTokens,
      TokenListener listener,
      boolean measureDrift,
      OptionalInt logProbabilities,
      int priority,
      Optional<Duration> maxTime,
      Cancellation cancellation) {
    this(
        prompt,
        maxTokens,
        config,
        sampling,
        stopTokens,
        listener,
        measureDrift,
        logProbabilities,
        priority,
        maxTime,
        cancellation,
        Optional.empty(),
        Optional.empty());
  }

  /** Without drift, probabilities, priority and an end of time. */
  public DecodeRequest(
      int[] prompt,
      int maxTokens,
      ResaConfig config,
      Sampling sampling,
      Set<Integer> stopTokens,
      TokenListener listener) {
    this(
        prompt,
        maxTokens,
        config,
        sampling,
        stopTokens,
        listener,
        false,
        OptionalInt.empty(),
        0,
        Optional.empty(),
        new Cancellation());
  }

  /**
   * @throws IllegalArgumentException for an empty prompt, a count below 1, or drift that is not
   *     measured
   */
  public DecodeRequest {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt has no tokens");
    }
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
    }
    if (logProbabilities.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "logProbabilities must not be negative, was " + logProbabilities.getAsInt());
    }
    if (maxTime.isPresent() && !maxTime.get().isPositive()) {
      throw new IllegalArgumentException("maxTime must be positive, was " + maxTime.get());
    }
    if (measureDrift && config.rectifyKeep() < 1) {
      throw new IllegalArgumentException(
          "drift is measured by dense rectifications, rectifyKeep was " + config.rectifyKeep());
    }
    prompt = prompt.clone();
    stopTokens = Set.copyOf(stopTokens);
  }

  /** The same, with the drift that rectification removes. */
  public DecodeRequest withMeasuredDrift() {
    return new DecodeRequest(
        prompt,
        maxTokens,
        config,
        sampling,
        stopTokens,
        listener,
        true,
        logProbabilities,
        priority,
        maxTime,
        cancellation,
        filter,
        trace);
  }
}
