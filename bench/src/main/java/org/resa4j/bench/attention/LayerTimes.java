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

  /** Repetitions end here, but not before {@link #LEAST}. */
  private static final long LIMIT_NANOS = 10_000_000_000L;

  /**
   * Warms up, then calls again and again; several layers in turn, so that a slow spell of the
   * machine meets all alike, and in rounds, for a call after another layer's finds other caches.
   *
   * @param repetitions calls that are timed of each layer, at the most
   * @return each layer's
   */
  static List<LayerTimes> take(
      List<RandomLayer> layers, Duration warmUp, int repetitions, Consumer<RandomLayer> call) {
    for (RandomLayer layer : layers) {
      long begin = System.nanoTime();
      for (int i = 0; i < LEAST || System.nanoTime() - begin < warmUp.toNanos(); i++) {
        call.accept(layer);
      }
    }
    List<Calls> all = layers.stream().map(layer -> new Calls()).toList();
    int round = Math.max(1, Math.ceilDiv(repetitions, ROUNDS));
    long begin = System.nanoTime();
    for (int i = 0;
        i < repetitions && (i < LEAST || System.nanoTime() - begin < LIMIT_NANOS);
        i += round) {
      for (int each = 0; each < layers.size(); each++) {
        all.get(each).round(layers.get(each), Math.min(round, repetitions - i), call);
      }
    }
    return all.stream().map(Calls::times).toList();
  }

  /** The timed calls of one layer. */
  private static final class Calls {
    private final List<Long> wall = new ArrayList<>();
    private final List<StageTimes> before = new ArrayList<>();
    private final List<StageTimes> after = new ArrayList<>();

    void round(RandomLayer layer, int count, Consumer<RandomLayer> call) {
      if (!wall.isEmpty()) {
        // Another layer's calls went before.
        call.accept(layer);
      }
      for (int i = 0; i < count; i++) {
        before.add(layer.layer().stageTimes());
        long start = System.nanoTime();
        call.accept(layer);
        wall.add(System.nanoTime() - start);
        after.add(layer.layer().stageTimes());
      }
    }

    LayerTimes times() {
      return new LayerTimes(
          Spread.ofNanos(wall.stream().mapToLong(Long::longValue).toArray()),
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
