package org.resa4j.bench.generate;

import java.util.List;
import java.util.Optional;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;

/**
 * What is timed.
 *
 * @param prompts lengths of prefills; may be empty
 * @param generated tokens decoded in a run, 0 for none
 * @param depths tokens in the cache before, ascending
 * @param repeat runs of each
 * @param dense whether dense decoding is timed
 * @param sparse settings of the sparse decoding that is timed, if any
 * @param exact how much of exact mode's drafts is accepted, where it is timed, with the settings of
 *     {@code sparse}
 * @param blockSize tokens in a block
 * @throws InputException if there is nothing to time, the interval of rectification is not fixed,
 *     so that its cost would hang on the tokens, or decoding ends amid a window of rectification,
 *     which would then be left out of the time
 */
record Plan(
    List<Integer> prompts,
    int generated,
    List<Integer> depths,
    int repeat,
    boolean dense,
    Optional<ResaConfig> sparse,
    Optional<GivenAcceptance> exact,
    int blockSize) {
  Plan {
    prompts = List.copyOf(prompts);
    depths = depths.stream().sorted().distinct().toList();
    if (prompts.isEmpty() && generated == 0) {
      throw new InputException("nothing to time: -p and -n are both 0");
    }
    if (exact.isPresent() && sparse.isEmpty()) {
      throw new IllegalArgumentException("exact mode drafts with sparse settings: there are none");
    }
    if (sparse.flatMap(ResaConfig::driftTarget).isPresent()) {
      throw new InputException(
          "random tokens have no drift to follow: give --rectify-every a number of tokens");
    }
    if (repeat < 1) {
      throw new InputException("-r must be at least 1, was " + repeat);
    }
    int every = sparse.map(ResaConfig::rectifyEvery).orElse(0);
    if (every > 0 && generated % every != 0) {
      throw new InputException(
          "-n %d is no multiple of --rectify-every %d: the last window would not be rectified"
              .formatted(generated, every));
    }
  }

  /** Tokens that a sequence holds at the most. */
  int contextLength() {
    int longest = prompts.stream().mapToInt(each -> each).max().orElse(0);
    int drafted = exact.map(given -> given.most(generated)).orElse(0);
    return Math.max(1, depths.getLast() + Math.max(longest, Math.max(generated, drafted)));
  }

  /** The same without the deepest of several depths. */
  Plan shallower() {
    return new Plan(
        prompts,
        generated,
        depths.subList(0, depths.size() - 1),
        repeat,
        dense,
        sparse,
        exact,
        blockSize);
  }

  ResaConfig exactConfig() {
    return sparse.orElseThrow().withExact(DraftLength.of(exact.orElseThrow().window()));
  }

  ResaConfig denseConfig() {
    return ResaConfig.dense(blockSize);
  }
}
