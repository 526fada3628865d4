package org.resa4j.cli;

import java.util.Optional;
import java.util.OptionalInt;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.StageTimes;
import org.resa4j.generate.FinishReason;

/**
 * Times by stage: of a whole text where the clock costs nothing, else of its last steps, taken once
 * more. On a device there is no CUDA graph with the clock on, and a profile is written and read for
 * every launch; so the text itself is written without, and its end again on an engine of its own.
 *
 * @param times by stage
 * @param steps how many were taken again; empty for the whole text
 */
record StageSample(StageTimes times, OptionalInt steps) {
  private static final int STEPS = 32;

  /** Whether the clock of a device would change what a run with it measures. */
  static boolean isNeeded(Choice on) {
    return !on.device().engine().equals("jvm");
  }

  static StageSample ofWhole(StageTimes times) {
    return new StageSample(times, OptionalInt.empty());
  }

  /**
   * Opens the model once more; the one that wrote the text must be closed.
   *
   * @param builder of the same device and sizes
   * @return empty where the text is too short, or nobody waited for its end
   */
  static Optional<StageSample> again(
      Resa.Builder builder, int[] prompt, GenerationOptions options, Generation text) {
    int[] written = text.tokenIds();
    int steps = Math.min(STEPS, written.length - 1);
    if (steps < 1 || text.finish() == FinishReason.CANCELLED) {
      return Optional.empty();
    }
    int before = written.length - 1 - steps;
    int[] known = new int[prompt.length + before];
    System.arraycopy(prompt, 0, known, 0, prompt.length);
    System.arraycopy(written, 0, known, prompt.length, before);
    try (Resa resa = builder.profile(true).build()) {
      // The first token comes from the prefill, each of the others from a step.
      resa.submit(new GenerationRequest(Prompt.tokens(known), options.withMaxTokens(steps + 1)))
          .join();
      return Optional.of(new StageSample(resa.stageTimes(), OptionalInt.of(steps)));
    }
  }
}
