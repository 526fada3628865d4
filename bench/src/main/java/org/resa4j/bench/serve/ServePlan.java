package org.resa4j.bench.serve;

import java.util.List;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;

/**
 * What is served.
 *
 * @param arrivals the requests
 * @param readers prompts of texts that are being written while a long prompt is prefilled; none
 *     leaves that part out
 * @param longPrompt that prompt
 * @param repeat how often all is done
 * @param config attention settings
 */
record ServePlan(
    List<Arrival> arrivals, List<int[]> readers, int[] longPrompt, int repeat, ResaConfig config) {
  /** Tokens that a reader gets before the long prompt comes. */
  static final int BEFORE = 64;

  /**
   * @throws InputException if there is no request or nothing is done
   */
  ServePlan {
    arrivals = List.copyOf(arrivals);
    readers = List.copyOf(readers);
    if (arrivals.isEmpty() || repeat < 1) {
      throw new InputException("nothing to serve: --requests and -r are at least 1");
    }
  }

  /** Tokens that a sequence holds at the most. */
  int contextLength() {
    int longest =
        arrivals.stream().mapToInt(each -> each.prompt().length + each.tokens()).max().orElse(0);
    // A reader gets no more tokens meanwhile than others' prompts have.
    int readersPrompts = readers.stream().mapToInt(prompt -> prompt.length).sum();
    return Math.max(longest, readersPrompts + BEFORE + longPrompt.length + 1);
  }
}
