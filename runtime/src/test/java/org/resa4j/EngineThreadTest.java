package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.OpenProgress;
import org.resa4j.error.BusyException;
import org.resa4j.error.DeviceException;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.RecordingEngine;
import org.resa4j.generate.Sampling;

/** Whatever happens to the engine or its thread, nobody waits for ever. */
class EngineThreadTest {
  private static final EngineOptions OPTIONS = EngineOptions.of(64).withBlockSize(1);

  private static final Opening OPENING = new Opening(OpenProgress.NONE, Opening.PATIENCE);

  private static DecodeRequest request(int first) {
    return new DecodeRequest(
        new int[] {first},
        3,
        ResaConfig.dense(1),
        Sampling.GREEDY,
        Set.of(),
        (token, last) -> true);
  }

  @Test
  void anEngineThatCannotBeOpenedIsToldToTheCaller() {
    assertThatThrownBy(
            () ->
                new EngineThread(
                    () -> {
                      throw new IllegalArgumentException("no");
                    },
                    OPENING,
                    10,
                    10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no");
  }

  @Test
  void anErrorEndsWhatWaitsForItAndLaterTextsBeginAnew() throws Exception {
    RecordingEngine engine =
        new RecordingEngine(OPTIONS) {
          private boolean failed;

          @Override
          public void encode(EncodeBatch batch) {
            if (!failed) {
              failed = true;
              throw new OutOfMemoryError("none left");
            }
            super.encode(batch);
          }
        };
    try (EngineThread thread = new EngineThread(() -> engine, OPENING, 1000, 10)) {
      CompletableFuture<DecodeResult> failed = thread.decode(request(10));
      assertThatThrownBy(() -> failed.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("none left");
      assertThat(thread.decode(request(10)).get(10, TimeUnit.SECONDS).tokens())
          .containsExactly(11, 12, 13);
      assertThatThrownBy(
              () ->
                  thread.ask(
                      (open, cache) -> {
                        throw new OutOfMemoryError("again");
                      }))
          .hasRootCauseMessage("again");
      assertThat(thread.decode(request(20)).get(10, TimeUnit.SECONDS).tokens())
          .containsExactly(21, 22, 23);
    }
  }

  @Test
  void closingEndsWhatRunsAndWhatWaits() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    RecordingEngine engine =
        new RecordingEngine(OPTIONS) {
          @Override
          public void encode(EncodeBatch batch) {
            inside.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            super.encode(batch);
          }
        };
    EngineThread thread = new EngineThread(() -> engine, OPENING, 1000, 10);
    CompletableFuture<DecodeResult> runs = thread.decode(request(10));
    CompletableFuture<DecodeResult> waits = thread.decode(request(20));
    inside.await();
    Thread closing = Thread.startVirtualThread(thread::close);
    // Not before it is closed does the call that it waits for return.
    while (true) {
      try {
        thread.decode(request(30));
        Thread.sleep(1);
      } catch (IllegalStateException e) {
        break;
      }
    }
    goOn.countDown();
    closing.join();
    for (CompletableFuture<DecodeResult> each : List.of(runs, waits)) {
      assertThatThrownBy(() -> each.get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
    assertThatThrownBy(() -> thread.decode(request(30)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void moreTextsThanMayWaitAreRefusedUntilSomeHaveEnded() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    RecordingEngine engine =
        new RecordingEngine(OPTIONS) {
          @Override
          public void encode(EncodeBatch batch) {
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            super.encode(batch);
          }
        };
    try (EngineThread thread = new EngineThread(() -> engine, OPENING, 1000, 3)) {
      List<CompletableFuture<DecodeResult>> open =
          List.of(
              thread.decode(request(10)), thread.decode(request(20)), thread.decode(request(30)));
      assertThatThrownBy(() -> thread.decode(request(40)))
          .isInstanceOf(BusyException.class)
          .hasMessageContaining("3 texts");
      goOn.countDown();
      for (CompletableFuture<DecodeResult> each : open) {
        each.get(10, TimeUnit.SECONDS);
      }
      assertThat(thread.decode(request(40)).get(10, TimeUnit.SECONDS).tokens())
          .containsExactly(41, 42, 43);
    }
  }

  @Test
  void whoHasHadAResultMayAskForTheNext() throws Exception {
    try (EngineThread thread =
        new EngineThread(() -> new RecordingEngine(OPTIONS), OPENING, 1000, 1)) {
      for (int i = 0; i < 2000; i++) {
        assertThat(thread.decode(request(10)).get(10, TimeUnit.SECONDS).tokens()).hasSize(3);
      }
    }
  }

  @Test
  void aDriverThatDoesNotReturnIsGivenUpAndASlowOneIsWaitedFor() throws Exception {
    Opening opening = new Opening(OpenProgress.NONE, Duration.ofMillis(600));
    CountDownLatch never = new CountDownLatch(1);
    long begin = System.nanoTime();
    assertThatThrownBy(
            () ->
                new EngineThread(
                    () -> {
                      // All along a sign in time, then none.
                      for (int i = 0; i < 4; i++) {
                        opening.at("compiling", i, 9);
                        pause(400);
                      }
                      awaitQuietly(never);
                      return new RecordingEngine(OPTIONS);
                    },
                    opening,
                    1000,
                    1))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("compiling, 3 of 9 done");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1600));
    never.countDown();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
