package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

class WorkersTest {
  @Test
  void everyIndexRunsOnceInEachOfManyLoops() {
    try (Workers workers = new Workers(4)) {
      for (int loop = 0; loop < 20_000; loop++) {
        int count = 1 + loop % 13;
        AtomicIntegerArray runs = new AtomicIntegerArray(count);
        workers.run(count, (index, worker) -> runs.incrementAndGet(index));
        for (int i = 0; i < count; i++) {
          assertThat(runs.get(i)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void noTwoThreadsShareAWorkersNumber() {
    try (Workers workers = new Workers(3)) {
      AtomicReferenceArray<Thread> seen = new AtomicReferenceArray<>(3);
      for (int loop = 0; loop < 2_000; loop++) {
        workers.run(
            6,
            (index, worker) -> {
              Thread before = seen.getAndSet(worker, Thread.currentThread());
              assertThat(before == null || before == Thread.currentThread()).isTrue();
            });
      }
    }
  }

  @Test
  void sleepersWakeUp() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      int[] sums = new int[64];
      for (int loop = 0; loop < 20; loop++) {
        Thread.sleep(2);
        workers.run(64, (index, worker) -> sums[index] += index);
      }
      int[] expected = new int[64];
      Arrays.setAll(expected, i -> 20 * i);
      assertThat(sums).isEqualTo(expected);
    }
  }

  @Test
  void aFailureReachesTheCallerAndTheTeamGoesOn() {
    try (Workers workers = new Workers(3)) {
      for (int loop = 0; loop < 100; loop++) {
        assertThatThrownBy(
                () ->
                    workers.run(
                        9,
                        (index, worker) -> {
                          if (index == 5) {
                            throw new ArithmeticException("five");
                          }
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasRootCauseMessage("five");
        AtomicIntegerArray runs = new AtomicIntegerArray(9);
        workers.run(9, (index, worker) -> runs.incrementAndGet(index));
        assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1, 1, 1, 1, 1, 1]");
      }
    }
  }
}
