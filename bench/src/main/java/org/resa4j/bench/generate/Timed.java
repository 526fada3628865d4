package org.resa4j.bench.generate;

import java.util.Arrays;
import java.util.function.ToLongFunction;
import org.resa4j.bench.report.Spread;
import org.resa4j.engine.StageTimes;

/**
 * Runs of one thing.
 *
 * @param steps steps in a run; in exact mode tokens of a sequence, on average over them
 * @param nanos each run's wall time
 * @param stages each run's time by stage; all 0 where the engine does not profile
 */
record Timed(double steps, long[] nanos, StageTimes[] stages) {
  Timed(double steps, int repeat) {
    this(steps, new long[repeat], new StageTimes[repeat]);
  }

  /** Wall time of a step. */
  Spread wall() {
    return Spread.ofNanos(nanos).times(1.0 / steps);
  }

  /** Time of a stage in a step. */
  Spread stage(ToLongFunction<StageTimes> stage) {
    return Spread.ofNanos(Arrays.stream(stages).mapToLong(stage).toArray()).times(1.0 / steps);
  }

  static long total(StageTimes times) {
    return times.estimate() + times.select() + times.attend() + times.encode() + times.rest();
  }

  static StageTimes between(StageTimes before, StageTimes after) {
    return new StageTimes(
        after.estimate() - before.estimate(),
        after.select() - before.select(),
        after.attend() - before.attend(),
        after.encode() - before.encode(),
        after.rest() - before.rest());
  }
}
