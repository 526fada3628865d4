package org.resa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.TaskEndReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts written by two executors in processes of their own, one of which dies half way. */
class SparkClusterTest {
  @TempDir private Path folder;

  /** Kills an executor's process as soon as some of its work is done. */
  private static final class Killer extends SparkListener {
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger removed = new AtomicInteger();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      TaskEndReason reason = end.reason();
      if (!reason.toString().equals("Success")) {
        failed.incrementAndGet();
      } else if (end.taskType().equals("ResultTask") && ended.incrementAndGet() == 2) {
        assertThat(ClusterHome.executors(ProcessHandle.current()).getFirst().destroyForcibly())
            .isTrue();
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
      removed.incrementAndGet();
    }
  }

  @Test
  void nothingIsLostWithAnExecutor() throws IOException {
    int count = 48;
    Killer killer = new Killer();
    List<Row> rows;
    try (SparkSession spark = ClusterHome.start(folder)) {
      spark.sparkContext().addSparkListener(killer);
      rows =
          ResaBatch.generate(Stories.rows(spark, count, 12), "prompt", Stories.options())
              .collectAsList();
    }
    assertThat(killer.removed.get()).as("executors lost").isPositive();
    assertThat(killer.failed.get()).as("tasks done again").isPositive();
    assertThat(rows.stream().map(row -> row.getInt(0)))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    List<String> plain =
        Stories.plain(IntStream.range(0, count).mapToObj(Stories::prompt), Stories::seed);
    assertThat(rows)
        .allSatisfy(
            row -> assertThat(row.<String>getAs("text")).isEqualTo(plain.get(row.getInt(0))));
  }
}
