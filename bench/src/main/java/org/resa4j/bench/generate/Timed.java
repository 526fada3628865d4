package org.resa4j.bench.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.resa4j.bench.report.Spread;
import org.resa4j.engine.StageTimes;

/** Runs of one thing: each one's wall time, and its time by stage. */
final class Timed {
  private final double steps;
  private final List<Long> nanos = new ArrayList<>();
  private final List<StageTimes> stages = new ArrayList<>();

  /**
   * @param steps in a run; in exact mode tokens of a sequence, on average over them
   */
  Timed(double steps) {
    this.steps = steps;
  }

  /**
   * A run.
   *
   * @param times by stage; all 0 where the engine does not profile
   */
  void add(long wall, StageTimes times) {
    nanos.add(wall);
    stages.add(times);
  }

  /** Wall time of a step. */
  Spread wall() {
    return spread(nanos.stream().mapToLong(Long::longValue));
  }

  /** Time of a stage in a step. */
  Spread stage(ToLongFunction<StageTimes> stage) {
    return spread(stages.stream().mapToLong(stage));
  }

  private Spread spread(LongStream times) {
    return Spread.ofNanos(times.toArray()).times(1.0 / steps);
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
