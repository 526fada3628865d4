package org.resa4j;

import java.util.List;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;

/**
 * How a text is to be written.
 *
 * @param maxTokens the most tokens
 * @param attention attention settings; the block size must be the one that {@link Resa} was built
 *     with
 * @param sampling how tokens are chosen
 * @param stopStrings texts that end it; they are not part of the result
 * @param stopAtEndOfText whether the model's end-of-text tokens end it
 * @param measureDrift whether {@link Resa#metrics()} is to have the drift that rectification
 *     removes; it has with a target of drift in any case
 */
public record GenerationOptions(
    int maxTokens,
    ResaConfig attention,
    Sampling sampling,
    List<String> stopStrings,
    boolean stopAtEndOfText,
    boolean measureDrift) {

  /** 512 tokens, greedy, the default attention settings. */
  public static final GenerationOptions DEFAULT =
      new GenerationOptions(512, ResaConfig.DEFAULT, Sampling.GREEDY, List.of(), true, false);

  public GenerationOptions {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
    }
    stopStrings = List.copyOf(stopStrings);
  }

  public GenerationOptions withMaxTokens(int tokens) {
    return new GenerationOptions(
        tokens, attention, sampling, stopStrings, stopAtEndOfText, measureDrift);
  }

  public GenerationOptions withAttention(ResaConfig config) {
    return new GenerationOptions(
        maxTokens, config, sampling, stopStrings, stopAtEndOfText, measureDrift);
  }

  public GenerationOptions withSampling(Sampling how) {
    return new GenerationOptions(
        maxTokens, attention, how, stopStrings, stopAtEndOfText, measureDrift);
  }

  public GenerationOptions withStopStrings(List<String> stops) {
    return new GenerationOptions(
        maxTokens, attention, sampling, stops, stopAtEndOfText, measureDrift);
  }

  public GenerationOptions withMeasureDrift(boolean on) {
    return new GenerationOptions(maxTokens, attention, sampling, stopStrings, stopAtEndOfText, on);
  }
}
