package org.resa4j.cli;

import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.engine.StageTimes;

/**
 * Stage times of a text's last steps, taken after it. A device's clock is not free: with it there
 * is no CUDA graph, and a profile is written and read for every launch. So the text itself is
 * written without, and its end once more with it, on an engine of its own.
 *
 * @param times by stage, of {@code steps} steps; prefill is all of the text before them
 * @param steps how many
 */
record StageSample(StageTimes times, int steps) {
  private static final int STEPS = 32;

  /**
   * Opens the model once more; the one that wrote the text must be closed.
   *
   * @param builder of the same device and sizes
   */
  static StageSample take(
      Resa.Builder builder, int[] prompt, GenerationOptions options, Generation text) {
    int[] written = text.tokenIds();
    int steps = Math.min(STEPS, written.length - 1);
    int before = written.length - 1 - steps;
    int[] known = new int[prompt.length + before];
    System.arraycopy(prompt, 0, known, 0, prompt.length);
    System.arraycopy(written, 0, known, prompt.length, before);
    try (Resa resa = builder.profile(true).build()) {
      // The first token comes from the prefill, each of the others from a step.
      resa.submit(new GenerationRequest(Prompt.tokens(known), options.withMaxTokens(steps + 1)))
          .join();
      return new StageSample(resa.stageTimes(), steps);
    }
  }

  /** Whether a device's clock would change what a run with it measures. */
  static boolean isNeeded(Resa resa) {
    return !resa.info().engine().device().engine().equals("jvm");
  }
}
