package org.resa4j.bench.attention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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

  private static final int ROUNDS = 5;

  /** Noisy times are taken again and again, up to so many times as many. */
  private static final int PATIENCE = 3;

  /** Repetitions of one kind end here, but not before {@link #LEAST}. */
  private static final long LIMIT_NANOS = 10_000_000_000L;

  /** What is called, on which layer. */
  record Kind(RandomLayer layer, Consumer<RandomLayer> call) {
    void run() {
      call.accept(layer);
    }
  }

  /**
   * Warms up, then calls again and again; all kinds in turn, so that a slow spell of the machine
   * meets all alike, and in rounds, for a call after one of another kind finds other caches. Where
   * times are noisy after that, more are taken.
   *
   * @param repetitions calls that are timed of each kind, at the most, where none is noisy
   * @return each kind's
   */
  static List<LayerTimes> take(List<Kind> kinds, Duration warmUp, int repetitions) {
    for (Kind kind : kinds) {
      long begin = System.nanoTime();
      for (int i = 0; i < LEAST || System.nanoTime() - begin < warmUp.toNanos(); i++) {
        kind.run();
      }
    }
    List<Calls> all = kinds.stream().map(Calls::new).toList();
    int round = Math.max(1, Math.ceilDiv(repetitions, ROUNDS));
    long limit = LIMIT_NANOS * kinds.size();
    long begin = System.nanoTime();
    int taken = 0;
    while (taken < repetitions
        || (taken < PATIENCE * repetitions && all.stream().anyMatch(Calls::isNoisy))) {
      if (taken >= LEAST && System.nanoTime() - begin > limit) {
        break;
      }
      int count = taken < repetitions ? Math.min(round, repetitions - taken) : round;
      all.forEach(calls -> calls.round(count));
      taken += count;
    }
    return all.stream().map(Calls::times).toList();
  }

  /** The timed calls of one kind. */
  private static final class Calls {
    private final Kind kind;
    private final List<Long> wall = new ArrayList<>();
    private final List<StageTimes> before = new ArrayList<>();
    private final List<StageTimes> after = new ArrayList<>();

    Calls(Kind kind) {
      this.kind = kind;
    }

    void round(int count) {
      // Calls of another kind went before.
      kind.run();
      for (int i = 0; i < count; i++) {
        before.add(kind.layer.layer().stageTimes());
        long start = System.nanoTime();
        kind.run();
        wall.add(System.nanoTime() - start);
        after.add(kind.layer.layer().stageTimes());
      }
    }

    private Spread wall() {
      return Spread.ofNanos(wall.stream().mapToLong(Long::longValue).toArray());
    }

    boolean isNoisy() {
      return wall().isNoisy();
    }

    LayerTimes times() {
      return new LayerTimes(
          wall(),
          stage(StageTimes::estimate),
          stage(StageTimes::select),
          stage(StageTimes::attend),
          stage(StageTimes::encode),
          stage(
              times ->
                  times.estimate()
                      + times.select()
                      + times.attend()
                      + times.encode()
                      + times.rest()));
    }

    private Spread stage(ToLongFunction<StageTimes> stage) {
      long[] nanos = new long[before.size()];
      for (int i = 0; i < nanos.length; i++) {
        nanos[i] = stage.applyAsLong(after.get(i)) - stage.applyAsLong(before.get(i));
      }
      return Spread.ofNanos(nanos);
    }
  }
}
