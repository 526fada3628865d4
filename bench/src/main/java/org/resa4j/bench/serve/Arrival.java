package org.resa4j.bench.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * A request, and when it comes.
 *
 * @param at after the first, in nanoseconds
 * @param prompt token ids
 * @param tokens how many are to be written
 */
record Arrival(long at, int[] prompt, int tokens) {
  /** The shortest prompt is so many times shorter than the longest. */
  private static final int PROMPTS = 16;

  /** So many times shorter is the shortest text. */
  private static final int TEXTS = 8;

  /**
   * @throws IllegalArgumentException for a negative time, or nothing to read or to write
   */
  Arrival {
    if (at < 0 || prompt.length == 0 || tokens < 1) {
      throw new IllegalArgumentException(
          "a request at %d ns of %d tokens for %d".formatted(at, prompt.length, tokens));
    }
    prompt = prompt.clone();
  }

  /**
   * Requests at random times, of random lengths: of prompts the logarithm is uniform, so that most
   * are short, of texts the length. The same for a seed.
   *
   * @param nanos the last comes so long after the first, at the most
   * @param prompts makes a prompt of a length, another each time
   */
  static List<Arrival> random(
      int count,
      long nanos,
      int longestPrompt,
      int longestText,
      IntFunction<int[]> prompts,
      long seed) {
    Random random = new Random(seed);
    long[] times =
        LongStream.generate(() -> (long) (random.nextDouble() * nanos))
            .limit(count)
            .sorted()
            .toArray();
    List<Arrival> arrivals = new ArrayList<>();
    for (long time : times) {
      double share = Math.pow(PROMPTS, random.nextDouble() - 1);
      int prompt = Math.max(1, (int) Math.round(longestPrompt * share));
      int shortest = Math.ceilDiv(longestText, TEXTS);
      int text = shortest + random.nextInt(longestText - shortest + 1);
      arrivals.add(new Arrival(time - times[0], prompts.apply(prompt), text));
    }
    return arrivals;
  }

  /** The same, at once and shorter. */
  Arrival now(int most) {
    return new Arrival(0, prompt, Math.min(tokens, most));
  }
}
