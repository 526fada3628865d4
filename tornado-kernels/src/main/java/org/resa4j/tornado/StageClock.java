package org.resa4j.tornado;

import java.util.EnumMap;
import java.util.Map;
import org.resa4j.engine.StageTimes;
import org.resa4j.tornado.graph.Stage;

/** Adds up the device times of tasks. */
final class StageClock {
  private final Map<Stage.Share, Long> nanoseconds = new EnumMap<>(Stage.Share.class);

  void add(Stage.Share share, long more) {
    nanoseconds.merge(share, more, Long::sum);
  }

  StageTimes times() {
    return new StageTimes(
        of(Stage.Share.ESTIMATE),
        of(Stage.Share.SELECT),
        of(Stage.Share.ATTEND),
        of(Stage.Share.ENCODE),
        of(Stage.Share.REST));
  }

  private long of(Stage.Share share) {
    return nanoseconds.getOrDefault(share, 0L);
  }
}
