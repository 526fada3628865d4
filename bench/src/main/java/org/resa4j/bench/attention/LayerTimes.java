package org.resa4j.bench.attention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.resa4j.bench.report.Spread;
import org.resa4j.engine.StageTimes;

/**
 * Times of repeated calls of one kind.
 *
 * @param wall around the call
 * @param estimate stage time, as the four below
 * @param select stage time
 * @param attend stage time
 * @param encode stage time
 * @param all of the stages together and of what else the engine books, such as append
 */
record LayerTimes(
    Spread wall, Spread estimate, Spread select, Spread attend, Spread encode, Spread all) {
  /** Calls before the first that is timed, and timed calls, at the least. */
  private static final int LEAST = 3;

  /** Repetitions end here, but not before {@link #LEAST}. */
  private static final long LIMIT_NANOS = 10_000_000_000L;

  /**
   * Warms up, then calls again and again.
   *
   * @param repetitions calls that are timed, at the most
   */
  static LayerTimes take(RandomLayer layer, Duration warmUp, int repetitions, Runnable call) {
    long begin = System.nanoTime();
    for (int i = 0; i < LEAST || System.nanoTime() - begin < warmUp.toNanos(); i++) {
      call.run();
    }
    List<Long> wall = new ArrayList<>();
    List<StageTimes> totals = new ArrayList<>();
    totals.add(layer.layer().stageTimes());
    begin = System.nanoTime();
    for (int i = 0;
        i < repetitions && (i < LEAST || System.nanoTime() - begin < LIMIT_NANOS);
        i++) {
      long start = System.nanoTime();
      call.run();
      wall.add(System.nanoTime() - start);
      totals.add(layer.layer().stageTimes());
    }
    return new LayerTimes(
        Spread.ofNanos(wall.stream().mapToLong(Long::longValue).toArray()),
        differences(totals, StageTimes::estimate),
        differences(totals, StageTimes::select),
        differences(totals, StageTimes::attend),
        differences(totals, StageTimes::encode),
        differences(
            totals,
            times ->
                times.estimate()
                    + times.select()
                    + times.attend()
                    + times.encode()
                    + times.rest()));
  }

  private static Spread differences(List<StageTimes> totals, ToLongFunction<StageTimes> stage) {
    long[] nanos = new long[totals.size() - 1];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = stage.applyAsLong(totals.get(i + 1)) - stage.applyAsLong(totals.get(i));
    }
    return Spread.ofNanos(nanos);
  }
}
