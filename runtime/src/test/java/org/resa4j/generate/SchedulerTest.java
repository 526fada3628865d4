package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.DriftTarget;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.CachedSequence;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.error.Setting;

/** Which calls the scheduler makes, to the letter of algorithm 1. */
class SchedulerTest {
  /** Sparse from the second block of one token on. */
  private static final ResaConfig SPARSE = new ResaConfig(1, 0.1, 1, 1, 3);

  private static final EngineOptions OPTIONS =
      EngineOptions.of(64).withBlockSize(1).withPageBlocks(4).withEncodeTokens(4);

  private static DecodeRequest request(int[] prompt, int tokens, ResaConfig config) {
    return new DecodeRequest(
        prompt, tokens, config, Sampling.GREEDY, Set.of(), (token, last) -> true);
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  private static List<String> run(EngineOptions options, DecodeRequest... requests) {
    RecordingEngine engine = new RecordingEngine(options);
    run(engine, requests);
    return engine.calls;
  }

  private static List<DecodeResult> run(RecordingEngine engine, DecodeRequest... requests) {
    return new Scheduler(engine, 1000).run(List.of(requests));
  }

  @Test
  void rectifiesTheLastTokensOnceThatManyMoreAreCached() {
    assertThat(run(OPTIONS, request(range(10, 16), 8, SPARSE)))
        .containsExactly(
            "encode 0 at 0: 10..13",
            "encode 0 at 4: 14..15 logits",
            "step 0 at 6: 16",
            "step 0 at 7: 17",
            "step 0 at 8: 18",
            "encode 0 at 6: 16..18",
            "step 0 at 9: 19",
            "step 0 at 10: 20",
            "step 0 at 11: 21",
            "encode 0 at 9: 19..21",
            "step 0 at 12: 22");
  }

  @Test
  void stepsOfShortContextsAreDenseAndLeaveNothingToRectify() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    DecodeResult result =
        run(engine, request(new int[] {10}, 12, SPARSE.withSparseFrom(8))).getFirst();
    // The window in which the first sparse step falls is the first that is rectified.
    assertThat(engine.calls)
        .filteredOn(call -> call.startsWith("encode"))
        .containsExactly("encode 0 at 0: 10..10 logits", "encode 0 at 7: 17..19");
    assertThat(result.rectification().count()).isEqualTo(1);
    // Of contexts of 2 to 7 tokens all blocks, of 8 to 12 a tenth.
    assertThat(result.blocksKept()).isEqualTo(2 + 3 + 4 + 5 + 6 + 7 + 1 + 1 + 1 + 2 + 2);
  }

  @Test
  void exactModeDraftsNothingWhereStepsAreDense() {
    ResaConfig exact = SPARSE.withExact(DraftLength.of(4)).withSparseFrom(1000);
    assertThat(run(OPTIONS.withEncodeTokens(8), request(new int[] {10}, 12, exact)))
        .filteredOn(call -> call.startsWith("encode"))
        .containsExactly("encode 0 at 0: 10..10 logits");
  }

  @Test
  void aWindowLongerThanACallIsRectifiedInChunks() {
    assertThat(run(OPTIONS, request(new int[] {10}, 8, SPARSE.withRectifyEvery(6))))
        .contains("encode 0 at 1: 11..14", "encode 0 at 5: 15..16");
  }

  @Test
  void measuredRectificationsGiveTheMeanRecentDriftOfTheirWindows() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    engine.drift = 0.5;
    DecodeRequest request =
        request(new int[] {10}, 14, SPARSE.withRectifyEvery(6)).withMeasuredDrift();
    DecodeResult result = run(engine, request).getFirst();
    assertThat(engine.calls)
        .filteredOn(call -> call.startsWith("rectify"))
        .containsExactly(
            "rectify 0 at 1: 11..14",
            "rectify 0 at 5: 15..16",
            "rectify 0 at 7: 17..20",
            "rectify 0 at 11: 21..22");
    assertThat(result.rectification().count()).isEqualTo(2);
    assertThat(result.rectification().tokens()).isEqualTo(12);
    assertThat(result.rectification().meanInterval()).isEqualTo(6);
    assertThat(result.rectification().recentDrift().orElseThrow())
        .isCloseTo(0.5 * Math.sqrt(6 / 256.0), within(1e-12));
  }

  @Test
  void theIntervalFollowsTheDriftAndWindowsMeet() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withEncodeTokens(64));
    engine.drift = 0.3;
    ResaConfig auto = SPARSE.withDriftTarget(new DriftTarget(0.3, 1, 12));
    assertThat(auto.rectifyEvery()).isEqualTo(1);
    ResaConfig from3 = new ResaConfig(1, 0.1, 1, 1, 3, auto.driftTarget(), Optional.empty());
    DecodeResult result = run(engine, request(new int[] {10}, 30, from3)).getFirst();
    // A drift of the target allows the longest interval, reached by doubling.
    assertThat(engine.calls)
        .filteredOn(call -> call.startsWith("rectify"))
        .containsExactly(
            "rectify 0 at 1: 11..13", "rectify 0 at 4: 14..19", "rectify 0 at 10: 20..31");
    assertThat(result.rectification().tokens()).isEqualTo(21);
    assertThat(result.rectification().recentDrift()).isPresent();
  }

  @Test
  void windowsInWhichAllBlocksWereKeptDoNotMoveTheInterval() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withEncodeTokens(64));
    engine.drift = 0.9;
    // Up to 8 blocks all are kept; 2 windows of 3 tokens end before.
    ResaConfig config =
        new ResaConfig(1, 0.1, 8, 1, 3, Optional.of(new DriftTarget(0.9, 1, 24)), Optional.empty());
    run(engine, request(new int[] {10}, 13, config));
    assertThat(engine.calls)
        .filteredOn(call -> call.startsWith("rectify"))
        .containsExactly("rectify 0 at 7: 17..19");
  }

  @Test
  void denseWindowsAreNotRectified() {
    ResaConfig dense = new ResaConfig(1, 1, 1, 0, 3);
    ResaConfig fewBlocks = new ResaConfig(1, 0.1, 64, 1, 3);
    for (ResaConfig config : List.of(dense, fewBlocks)) {
      assertThat(run(OPTIONS, request(new int[] {10}, 9, config)))
          .filteredOn(call -> call.startsWith("encode"))
          .containsExactly("encode 0 at 0: 10..10 logits");
    }
  }

  @Test
  void rowsKeepTheirOwnPhases() {
    List<String> calls =
        run(
            OPTIONS.withSequences(2).withEncodeTokens(8),
            request(new int[] {100}, 4, SPARSE),
            request(new int[] {200, 201}, 4, SPARSE.withRectifyEvery(2)));
    assertThat(calls)
        .containsExactly(
            "encode 0 at 0: 100..100 logits",
            "step 0 at 1: 101",
            "encode 1 at 0: 200..201 logits",
            "step 0 at 2: 102 1 at 2: 202",
            "step 0 at 3: 103 1 at 3: 203",
            "encode 1 at 2: 202..203",
            "step 1 at 4: 204");
  }

  @Test
  void moreRequestsThanSlotsTakeTurns() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    List<DecodeResult> results =
        new Scheduler(engine, 1000)
            .run(
                List.of(
                    request(new int[] {10}, 2, SPARSE),
                    request(new int[] {20}, 1, SPARSE),
                    request(new int[] {30}, 2, SPARSE)));
    assertThat(results.stream().map(DecodeResult::tokens))
        .containsExactly(new int[] {11, 12}, new int[] {21}, new int[] {31, 32});
    assertThat(engine.calls)
        .containsExactly(
            "encode 0 at 0: 10..10 logits",
            "step 0 at 1: 11",
            "encode 1 at 0: 20..20 logits",
            "encode 2 at 0: 30..30 logits",
            "step 2 at 1: 31");
  }

  @Test
  void aFreeSlotTakesTheRequestWhosePromptItHoldsAndTellsOfEachEnd() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    List<String> heard = new ArrayList<>();
    new Scheduler(engine, 1000)
        .run(
            List.of(
                request(range(10, 13), 8, SPARSE),
                request(range(50, 53), 1, SPARSE),
                request(range(10, 13), 2, SPARSE)),
            (request, result) ->
                heard.add(
                    "%d: %d tokens, %d rectifications of %d"
                        .formatted(
                            request,
                            result.tokens().length,
                            result.rectification().count(),
                            result.rectification().tokens())));
    assertThat(heard)
        .containsExactly(
            "0: 8 tokens, 2 rectifications of 6",
            "2: 2 tokens, 0 rectifications of 0",
            "1: 1 tokens, 0 rectifications of 0");
    assertThat(engine.calls)
        .filteredOn(call -> call.endsWith("logits"))
        .containsExactly(
            "encode 0 at 0: 10..12 logits",
            "encode 1 at 2: 12..12 logits",
            "encode 2 at 0: 50..52 logits");
  }

  @Test
  void theNextTurnIsEncodedFromWhereItParts() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Scheduler scheduler = new Scheduler(engine, 1000);
    scheduler.run(List.of(request(range(10, 14), 6, SPARSE)));
    engine.calls.clear();
    // Cached are 10 to 18; rectified, and so to be trusted, up to 16.
    scheduler.run(List.of(request(range(10, 22), 1, SPARSE)));
    assertThat(engine.calls)
        .containsExactly("copy", "encode 1 at 7: 17..20", "encode 1 at 11: 21..21 logits");
    engine.calls.clear();
    scheduler.run(List.of(request(new int[] {10, 11, 99}, 1, SPARSE)));
    assertThat(engine.calls).containsExactly("copy", "encode 2 at 2: 99..99 logits");
    engine.calls.clear();
    scheduler.run(List.of(request(new int[] {10, 11, 99}, 1, SPARSE)));
    assertThat(engine.calls).containsExactly("copy", "encode 3 at 2: 99..99 logits");
  }

  @Test
  void endsAtStopTokensLimitsAndListeners() {
    RecordingEngine engine = new RecordingEngine(EngineOptions.of(8).withBlockSize(1));
    Scheduler scheduler = new Scheduler(engine, 1000);
    DecodeRequest stopToken =
        new DecodeRequest(
            new int[] {10}, 9, SPARSE, Sampling.GREEDY, Set.of(13), (token, last) -> true);
    DecodeRequest listener =
        new DecodeRequest(
            new int[] {20}, 9, SPARSE, Sampling.GREEDY, Set.of(), (token, last) -> token.id() < 22);
    List<DecodeResult> results =
        scheduler.run(
            List.of(
                stopToken,
                listener,
                request(new int[] {30}, 2, SPARSE),
                request(range(40, 47), 9, SPARSE)));
    assertThat(results.stream().map(DecodeResult::finish))
        .containsExactly(
            FinishReason.END_OF_TEXT,
            FinishReason.STOP_STRING,
            FinishReason.MAX_TOKENS,
            FinishReason.CONTEXT_FULL);
    assertThat(results.stream().map(DecodeResult::tokens))
        .containsExactly(
            new int[] {11, 12, 13}, new int[] {21, 22}, new int[] {31, 32}, new int[] {47, 48});
  }

  private static DecodeRequest cancellable(
      int[] prompt, int tokens, Cancellation cancellation, TokenListener listener) {
    return new DecodeRequest(
        prompt,
        tokens,
        SPARSE,
        Sampling.GREEDY,
        Set.of(),
        listener,
        false,
        OptionalInt.empty(),
        0,
        Optional.empty(),
        cancellation);
  }

  @Test
  void cancellingEndsOneTextBeforeItsNextTokenAndNoOther() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Cancellation cancellation = new Cancellation();
    List<Integer> heard = new ArrayList<>();
    DecodeRequest cancelled =
        cancellable(
            new int[] {10},
            50,
            cancellation,
            (token, last) -> {
              heard.add(token.id());
              if (token.id() == 13) {
                cancellation.cancel();
              }
              return true;
            });
    List<DecodeResult> results = run(engine, cancelled, request(new int[] {20}, 2, SPARSE));
    assertThat(results)
        .extracting(DecodeResult::finish)
        .containsExactly(FinishReason.CANCELLED, FinishReason.MAX_TOKENS);
    assertThat(heard).containsExactly(11, 12, 13);
    assertThat(results.getFirst().tokens()).containsExactly(11, 12, 13);
    assertThat(results.get(1).tokens()).containsExactly(21, 22);
  }

  @Test
  void whatIsCancelledBeforeItsTurnNeverRuns() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Cancellation cancellation = new Cancellation();
    cancellation.cancel();
    List<DecodeResult> results =
        run(engine, cancellable(new int[] {10}, 5, cancellation, (token, last) -> true));
    assertThat(results.getFirst().finish()).isEqualTo(FinishReason.CANCELLED);
    assertThat(results.getFirst().tokens()).isEmpty();
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void aPromptIsCancelledBetweenItsChunks() {
    Cancellation cancellation = new Cancellation();
    RecordingEngine engine =
        new RecordingEngine(OPTIONS) {
          @Override
          public void encode(EncodeBatch batch) {
            super.encode(batch);
            cancellation.cancel();
          }
        };
    List<DecodeResult> results =
        run(engine, cancellable(range(10, 30), 5, cancellation, (token, last) -> true));
    assertThat(results.getFirst().finish()).isEqualTo(FinishReason.CANCELLED);
    assertThat(engine.calls).containsExactly("encode 0 at 0: 10..13");
  }

  @Test
  void aLongPromptTakesTurnsWithStepsAndCancelsAreHeardBetween() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withSequences(3).withEncodeTokens(16));
    Scheduler scheduler = new Scheduler(engine, 1000);
    Cancellation cancellation = new Cancellation();
    CompletableFuture<DecodeResult> first =
        scheduler.submit(cancellable(new int[] {10}, 9, cancellation, (token, last) -> true));
    scheduler.tick();
    CompletableFuture<DecodeResult> longer = scheduler.submit(request(range(50, 72), 1, SPARSE));
    for (int i = 0; i < 4; i++) {
      scheduler.tick();
    }
    cancellation.cancel();
    scheduler.tick();
    // A quarter of a chunk while another decodes, a whole one when none does.
    assertThat(engine.calls)
        .containsExactly(
            "encode 0 at 0: 10..10 logits",
            "step 0 at 1: 11",
            "encode 1 at 0: 50..53",
            "step 0 at 2: 12",
            "encode 1 at 4: 54..57",
            "encode 1 at 8: 58..71 logits");
    assertThat(first.join().finish()).isEqualTo(FinishReason.CANCELLED);
    assertThat(first.join().tokens()).containsExactly(11, 12, 13);
    assertThat(longer.join().tokens()).containsExactly(72);
  }

  @Test
  void timesCountFromTheRequestAndNotFromItsTurn() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Scheduler scheduler = new Scheduler(engine, 1000);
    long earlier = System.nanoTime() - 5_000_000_000L;
    CompletableFuture<DecodeResult> done =
        scheduler.submit(request(new int[] {10}, 2, SPARSE), earlier);
    Cancellation cancellation = new Cancellation();
    CompletableFuture<DecodeResult> cancelled =
        scheduler.submit(
            cancellable(new int[] {20}, 2, cancellation, (token, last) -> true), earlier);
    cancellation.cancel();
    while (scheduler.tick()) {}
    assertThat(done.join().queueNanos()).isGreaterThanOrEqualTo(5_000_000_000L);
    assertThat(done.join().timeToFirstTokenNanos())
        .isGreaterThanOrEqualTo(done.join().queueNanos());
    assertThat(cancelled.join().queueNanos()).isGreaterThanOrEqualTo(5_000_000_000L);
    assertThat(cancelled.join().timeToFirstTokenNanos()).isZero();
  }

  @Test
  void asManyTokensAsWereAskedForAreNoFullContext() {
    RecordingEngine engine = new RecordingEngine(EngineOptions.of(8).withBlockSize(1));
    assertThat(run(engine, request(range(40, 47), 2, SPARSE)).getFirst().finish())
        .isEqualTo(FinishReason.MAX_TOKENS);
    assertThat(run(engine, request(range(40, 47), 3, SPARSE)).getFirst().finish())
        .isEqualTo(FinishReason.CONTEXT_FULL);
  }

  @Test
  void requestsMayComeWhileOthersRun() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withSequences(2));
    Scheduler scheduler = new Scheduler(engine, 1000);
    CompletableFuture<DecodeResult> first = scheduler.submit(request(new int[] {10}, 4, SPARSE));
    assertThat(scheduler.tick()).isTrue();
    assertThat(scheduler.tick()).isTrue();
    CompletableFuture<DecodeResult> second = scheduler.submit(request(new int[] {20}, 2, SPARSE));
    while (scheduler.tick()) {}
    assertThat(first.join().tokens()).containsExactly(11, 12, 13, 14);
    assertThat(second.join().tokens()).containsExactly(21, 22);
    assertThat(engine.calls)
        .startsWith(
            "encode 0 at 0: 10..10 logits",
            "step 0 at 1: 11",
            "encode 1 at 0: 20..20 logits",
            "step 0 at 2: 12 1 at 1: 21");
  }

  @Test
  void whoeverAsksAgainAndAgainKeepsNobodyWaitingForLong() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Scheduler scheduler = new Scheduler(engine, 1000);
    scheduler.submit(request(range(10, 13), 2, SPARSE));
    scheduler.tick();
    CompletableFuture<DecodeResult> other = scheduler.submit(request(range(50, 53), 2, SPARSE));
    int passed = 0;
    while (!other.isDone()) {
      // Its prompt is in the slot, so that it would be taken for ever.
      CompletableFuture<DecodeResult> again = scheduler.submit(request(range(10, 13), 2, SPARSE));
      while (!again.isDone() && !other.isDone()) {
        scheduler.tick();
      }
      passed += again.isDone() ? 1 : 0;
    }
    assertThat(passed).isBetween(5, 10);
  }

  @Test
  void aListenersFaultIsItsOwnTextsAlone() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withSequences(2));
    Scheduler scheduler = new Scheduler(engine, 1000);
    CompletableFuture<DecodeResult> bad =
        scheduler.submit(
            cancellable(
                new int[] {10},
                9,
                new Cancellation(),
                (token, last) -> {
                  throw new IllegalStateException("no more");
                }));
    CompletableFuture<DecodeResult> good = scheduler.submit(request(new int[] {20}, 3, SPARSE));
    while (scheduler.tick()) {}
    assertThatThrownBy(bad::join).hasRootCauseMessage("no more");
    assertThat(good.join().tokens()).containsExactly(21, 22, 23);
  }

  @Test
  void afterAFailureNothingCachedIsTrusted() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Scheduler scheduler = new Scheduler(engine, 1000);
    CompletableFuture<DecodeResult> failed = scheduler.submit(request(range(10, 13), 9, SPARSE));
    scheduler.tick();
    scheduler.fail(new IllegalStateException("the device is gone"));
    assertThatThrownBy(failed::join).hasRootCauseMessage("the device is gone");
    assertThat(scheduler.tick()).isFalse();
    engine.calls.clear();
    scheduler.run(List.of(request(range(10, 13), 1, SPARSE)));
    assertThat(engine.calls).containsExactly("encode 1 at 0: 10..12 logits");
  }

  @Test
  void aResultHasItsOwnCounts() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withSequences(2));
    List<DecodeResult> results =
        run(
            engine,
            request(range(10, 16), 8, SPARSE),
            request(new int[] {20}, 3, ResaConfig.dense(1)));
    DecodeTimes first = results.getFirst().times();
    assertThat(first.prefillTokens()).isEqualTo(6);
    assertThat(first.steps()).isEqualTo(7);
    assertThat(first.decodedTokens()).isEqualTo(7);
    assertThat(first.rectifications()).isEqualTo(2);
    assertThat(results.get(1).times().steps()).isEqualTo(2);
    assertThat(results.get(1).times().rectifications()).isZero();
    assertThat(results.get(1).blocksKept()).isEqualTo(results.get(1).blocksSeen());
  }

  @Test
  void aPromptLongerThanTheContextIsRefusedBeforeAnythingRuns() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    assertThatThrownBy(
            () -> new Scheduler(engine, 1000).run(List.of(request(range(0, 65), 1, SPARSE))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("65 tokens")
        .hasMessageContaining("holds 64")
        .satisfies(
            e -> {
              assertThat(((LimitException) e).asked()).isEqualTo(65);
              assertThat(((LimitException) e).limit()).isEqualTo(64);
              assertThat(((LimitException) e).settings()).containsExactly(Setting.CONTEXT_LENGTH);
            });
    assertThat(engine.calls).isEmpty();
  }

  private static ResaConfig exact(int window) {
    return SPARSE.withExact(DraftLength.of(window));
  }

  /** Drafts by steps go wrong at every position that is in a set; dense passes never do. */
  private static RecordingEngine wrongAt(EngineOptions options, int... positions) {
    return new RecordingEngine(options) {
      @Override
      public void step(StepBatch batch) {
        super.step(batch);
        for (int row = 0; row < batch.rows(); row++) {
          int position = batch.position(row) + 1;
          if (Arrays.stream(positions).anyMatch(at -> at == position)
              && batch.keepBlocks(row) < batch.tokens(row)) {
            choose(row, 999);
          }
        }
      }
    };
  }

  @Test
  void exactModeDraftsVerifiesAndGoesOnWhereTheDraftWentWrong() {
    RecordingEngine engine = wrongAt(OPTIONS, 9);
    List<Integer> heard = new ArrayList<>();
    DecodeRequest request =
        new DecodeRequest(
            range(10, 16),
            8,
            exact(4),
            Sampling.GREEDY,
            Set.of(),
            (token, last) -> heard.add(token.id()));
    DecodeResult result = run(engine, request).getFirst();
    assertThat(engine.calls)
        .containsExactly(
            "encode 0 at 0: 10..13",
            "encode 0 at 4: 14..15 logits",
            "step 0 at 6: 16",
            "step 0 at 7: 17",
            "step 0 at 8: 18",
            "encode 0 at 6: 16..999 all logits",
            // 17 and 18 were right; 19 is the pass's own.
            "step 0 at 9: 19",
            "step 0 at 10: 20",
            "step 0 at 11: 21",
            "encode 0 at 9: 19..22 all logits");
    assertThat(result.tokens()).containsExactly(range(16, 24));
    assertThat(heard).containsExactly(16, 17, 18, 19, 20, 21, 22, 23);
    assertThat(result.verifications()).isEqualTo(new Verifications(2, 6, 5, 7));
    assertThat(result.times().verifications()).isEqualTo(2);
    assertThat(result.times().decodedTokens()).isEqualTo(7);
  }

  @Test
  void exactModeDraftsNoFurtherThanTheTextMayGo() {
    // 5 tokens: one of the prompt's pass, a window of 3, and a last one that a dense step decides.
    List<String> calls = run(OPTIONS, request(new int[] {10}, 5, exact(3)));
    assertThat(calls)
        .containsExactly(
            "encode 0 at 0: 10..10 logits",
            "step 0 at 1: 11",
            "step 0 at 2: 12",
            "encode 0 at 1: 11..13 all logits",
            "step 0 at 4: 14");
  }

  @Test
  void aDraftEndsAtAStopTokenAndSoDoesTheText() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withEncodeTokens(16));
    DecodeRequest request =
        new DecodeRequest(
            new int[] {10}, 30, exact(16), Sampling.GREEDY, Set.of(14), (token, last) -> true);
    DecodeResult result = run(engine, request).getFirst();
    assertThat(engine.calls)
        .containsExactly(
            "encode 0 at 0: 10..10 logits",
            "step 0 at 1: 11",
            "step 0 at 2: 12",
            "step 0 at 3: 13",
            "encode 0 at 1: 11..14 all logits");
    assertThat(result.tokens()).containsExactly(11, 12, 13, 14);
    assertThat(result.finish()).isEqualTo(FinishReason.END_OF_TEXT);
  }

  @Test
  void exactModeStepsDenselyWhereEveryBlockIsKept() {
    ResaConfig all = new ResaConfig(1, 0.1, 64, 1, 0).withExact(DraftLength.of(4));
    assertThat(run(OPTIONS, request(new int[] {10}, 4, all)))
        .containsExactly(
            "encode 0 at 0: 10..10 logits",
            "step 0 at 1: 11",
            "step 0 at 2: 12",
            "step 0 at 3: 13");
  }

  @Test
  void windowsThatAreDueTogetherGoInOneCall() {
    List<String> calls =
        run(
            OPTIONS.withSequences(2).withEncodeTokens(8),
            request(new int[] {100}, 5, SPARSE.withRectifyEvery(3)),
            request(new int[] {200}, 4, SPARSE.withRectifyEvery(2)));
    assertThat(calls)
        .containsExactly(
            "encode 0 at 0: 100..100 logits",
            "step 0 at 1: 101",
            "encode 1 at 0: 200..200 logits",
            "step 0 at 2: 102 1 at 1: 201",
            "step 0 at 3: 103 1 at 2: 202",
            "encode 0 at 1: 101..103 1 at 1: 201..202",
            "step 0 at 4: 104 1 at 3: 203");
  }

  @Test
  void whereTheCacheIsFullTheNewestBeginsAgainAndItsTextDoesNotShowIt() {
    // Pages of 4 tokens; 20 of them, and two texts of 49 tokens.
    EngineOptions options = OPTIONS.withSequences(2).withCacheBytes(20 * 4 * 4 * 4);
    RecordingEngine engine = new RecordingEngine(options);
    assertThat(engine.info().pages()).isEqualTo(20);
    Scheduler scheduler = new Scheduler(engine, 1000);
    List<DecodeResult> results =
        scheduler.run(
            List.of(request(new int[] {10}, 48, SPARSE), request(new int[] {200}, 48, SPARSE)));
    assertThat(results.get(0).tokens()).containsExactly(range(11, 59));
    assertThat(results.get(1).tokens()).containsExactly(range(201, 249));
    // What a dense pass had cached is encoded, what steps had, is stepped again.
    assertThat(engine.calls.stream().filter(call -> call.contains("2 at "))).isNotEmpty();
    assertThat(scheduler.cache().heldPages()).isZero();
  }

  @Test
  void windowsAreRectifiedOverPartOfTheBlocksWhereTheSettingsSaySo() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withSequences(2).withEncodeTokens(8));
    engine.encodesSelections = true;
    Scheduler scheduler = new Scheduler(engine, 1000);
    ResaConfig part = SPARSE.withRectifyKeep(0.5);
    scheduler.run(
        List.of(request(new int[] {100}, 9, part), request(new int[] {200, 201}, 5, SPARSE)));
    assertThat(engine.calls)
        .filteredOn(call -> call.startsWith("encode") && !call.contains("logits"))
        .containsExactly(
            "encode 0 at 1: 101..103 over 0.5",
            "encode 1 at 2: 202..204",
            "encode 0 at 4: 104..106 over 0.5");
    // Such a rectification is not what dense encoding writes, which others may read.
    assertThat(scheduler.cache().find(range(100, 108), 8)).isEqualTo(1);
    assertThat(scheduler.cache().find(range(200, 206), 6)).isEqualTo(5);
    engine.calls.clear();
    run(engine, request(range(10, 13), 14, part.withRectifyEvery(10)));
    assertThat(engine.calls)
        .as("longer than a call")
        .filteredOn(call -> call.contains("over"))
        .containsExactly("encode 2 at 3: 13..20 over 0.5", "encode 2 at 11: 21..22 over 0.5");
  }

  @Test
  void whatIsRectifiedOverPartIsSteppedAgainFromThePromptOn() {
    EngineOptions options = OPTIONS.withSequences(2).withCacheBytes(20 * 4 * 4 * 4);
    RecordingEngine engine = new RecordingEngine(options);
    engine.encodesSelections = true;
    ResaConfig part = SPARSE.withRectifyKeep(0.5);
    List<DecodeResult> results =
        run(engine, request(new int[] {10}, 48, part), request(new int[] {200}, 48, part));
    assertThat(results.get(0).tokens()).containsExactly(range(11, 59));
    assertThat(results.get(1).tokens()).containsExactly(range(201, 249));
    assertThat(engine.calls)
        .as("begun again")
        .filteredOn(call -> call.contains(" 2 at 1: 201") || call.contains("step 2 at 1: 201"))
        .isNotEmpty();
    // Windows are where they were.
    assertThat(engine.calls.stream().filter(call -> call.contains("over")))
        .isNotEmpty()
        .allMatch(call -> (Integer.parseInt(call.replaceAll(".* at (\\d+).*", "$1")) - 1) % 3 == 0);
  }

  @Test
  void anEngineThatRectifiesDenselyRefusesPart() {
    assertThatThrownBy(() -> run(OPTIONS, request(new int[] {1}, 4, SPARSE.withRectifyKeep(0.5))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("densely");
    assertThatThrownBy(
            () ->
                new DecodeRequest(
                    new int[] {1},
                    4,
                    SPARSE.withRectifyKeep(0.5),
                    Sampling.GREEDY,
                    Set.of(),
                    (token, last) -> true,
                    true,
                    OptionalInt.empty(),
                    0,
                    Optional.empty(),
                    new Cancellation()))
        .hasMessageContaining("rectifyKeep");
  }

  @Test
  void theMoreUrgentBeginsFirst() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    List<Integer> order = new ArrayList<>();
    new Scheduler(engine, 1000)
        .run(
            List.of(
                request(new int[] {10}, 1, SPARSE),
                urgent(request(new int[] {20}, 1, SPARSE), 1),
                urgent(request(new int[] {30}, 1, SPARSE), 2)),
            (request, result) -> order.add(request));
    assertThat(order).containsExactly(2, 1, 0);
  }

  private static DecodeRequest urgent(DecodeRequest from, int priority) {
    return new DecodeRequest(
        from.prompt(),
        from.maxTokens(),
        from.config(),
        from.sampling(),
        from.stopTokens(),
        from.listener(),
        false,
        OptionalInt.empty(),
        priority,
        Optional.empty(),
        from.cancellation());
  }

  @Test
  void timeUpEndsATextAsItIsAndOneThatNeverBegan() {
    RecordingEngine engine = new RecordingEngine(OPTIONS);
    Scheduler scheduler = new Scheduler(engine, 1000);
    DecodeRequest request =
        new DecodeRequest(
            new int[] {10},
            50,
            SPARSE,
            Sampling.GREEDY,
            Set.of(),
            (token, last) -> true,
            false,
            OptionalInt.empty(),
            0,
            Optional.of(Duration.ofHours(1)),
            new Cancellation());
    long almost = System.nanoTime() - Duration.ofHours(1).toNanos() + 200_000_000L;
    CompletableFuture<DecodeResult> runs = scheduler.submit(request, almost);
    CompletableFuture<DecodeResult> waits =
        scheduler.submit(request, System.nanoTime() - Duration.ofHours(2).toNanos());
    scheduler.tick();
    assertThat(waits.join().finish()).isEqualTo(FinishReason.TIME_UP);
    assertThat(waits.join().tokens()).isEmpty();
    scheduler.tick();
    assertThat(runs).isNotDone();
    while (System.nanoTime() - almost < Duration.ofHours(1).toNanos()) {
      Thread.onSpinWait();
    }
    scheduler.tick();
    assertThat(runs.join().finish()).isEqualTo(FinishReason.TIME_UP);
    assertThat(runs.join().tokens()).containsExactly(11, 12);
  }

  @Test
  void aTimeLongerThanAnyIsNoLimit() {
    DecodeRequest request = request(new int[] {10}, 3, SPARSE);
    DecodeRequest patient = timed(request, Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(run(new RecordingEngine(OPTIONS), patient, request))
        .allSatisfy(result -> assertThat(result.tokens()).containsExactly(11, 12, 13));
  }

  private static DecodeRequest timed(DecodeRequest from, Duration most) {
    return new DecodeRequest(
        from.prompt(),
        from.maxTokens(),
        from.config(),
        from.sampling(),
        from.stopTokens(),
        from.listener(),
        false,
        OptionalInt.empty(),
        0,
        Optional.of(most),
        from.cancellation());
  }

  @Test
  void whoListensHearsThatTheTokenBeforeTheTimeWasUpIsTheLast() {
    long limit = Duration.ofHours(1).toNanos();
    long requestedAt = System.nanoTime() - limit + 300_000_000L;
    RecordingEngine engine =
        new RecordingEngine(OPTIONS) {
          @Override
          public void step(StepBatch batch) {
            super.step(batch);
            while (System.nanoTime() - requestedAt < limit) {
              Thread.onSpinWait();
            }
          }
        };
    List<Boolean> lasts = new ArrayList<>();
    DecodeRequest request =
        new DecodeRequest(
            new int[] {10},
            9,
            SPARSE,
            Sampling.GREEDY,
            Set.of(),
            (token, last) -> {
              lasts.add(last);
              return true;
            });
    Scheduler scheduler = new Scheduler(engine, 1000);
    CompletableFuture<DecodeResult> result =
        scheduler.submit(timed(request, Duration.ofHours(1)), requestedAt);
    while (scheduler.tick()) {}
    assertThat(result.join().finish()).isEqualTo(FinishReason.TIME_UP);
    assertThat(lasts).containsExactly(false, true);
  }

  @Test
  void aPromptGivesWayToOneThatIsMoreUrgentAndGoesOnWhereItWas() {
    RecordingEngine engine = new RecordingEngine(OPTIONS.withSequences(2));
    Scheduler scheduler = new Scheduler(engine, 1000);
    CompletableFuture<DecodeResult> slow = scheduler.submit(request(range(10, 30), 3, SPARSE));
    scheduler.tick();
    scheduler.tick();
    CompletableFuture<DecodeResult> urgent =
        scheduler.submit(urgent(request(new int[] {200}, 1, SPARSE), 1));
    scheduler.tick();
    assertThat(urgent).isCompletedWithValueMatching(result -> result.tokens()[0] == 201);
    while (scheduler.tick()) {}
    assertThat(slow.join().tokens()).containsExactly(30, 31, 32);
    // Its first two chunks are cached, under another table's number.
    assertThat(engine.calls.subList(0, 4))
        .containsExactly(
            "encode 0 at 0: 10..13",
            "encode 0 at 4: 14..17",
            "encode 1 at 0: 200..200 logits",
            "encode 2 at 8: 18..21");
    assertThat(scheduler.cache().heldPages()).isZero();
  }

  @Test
  void anEngineThatFailsLeavesNothingOfTheTextsBehind() {
    RecordingEngine engine =
        new RecordingEngine(OPTIONS.withSequences(2)) {
          private boolean failed;

          @Override
          public void step(StepBatch batch) {
            if (!failed) {
              failed = true;
              throw new IllegalStateException("lost");
            }
            super.step(batch);
          }
        };
    Scheduler scheduler = new Scheduler(engine, 1000);
    List<Integer> heard = new ArrayList<>();
    DecodeRequest request =
        new DecodeRequest(
            new int[] {10},
            5,
            SPARSE,
            Sampling.GREEDY,
            Set.of(),
            (token, last) -> heard.add(token.id()));
    assertThatThrownBy(() -> scheduler.run(List.of(request, request))).hasMessage("lost");
    assertThat(scheduler.cache().usedPages()).isZero();
    heard.clear();
    assertThat(scheduler.run(List.of(request(new int[] {50}, 2, SPARSE))).getFirst().tokens())
        .containsExactly(51, 52);
    assertThat(heard).isEmpty();
  }

  @Test
  void whatAListenerOfResultsThrowsIsThrownWhenAllTextsHaveEnded() {
    List<Integer> heard = new ArrayList<>();
    Scheduler scheduler = new Scheduler(new RecordingEngine(OPTIONS), 1000);
    assertThatThrownBy(
            () ->
                scheduler.run(
                    List.of(request(new int[] {10}, 1, SPARSE), request(new int[] {20}, 1, SPARSE)),
                    (index, result) -> {
                      heard.add(index);
                      throw new IllegalStateException("not " + index);
                    }))
        .hasMessage("not 0");
    assertThat(heard).containsExactly(0, 1);
  }

  @Test
  void textsWaitForPagesThatAreSoonGivenBack() {
    // Six pages of 4 tokens.
    RecordingEngine engine = new RecordingEngine(OPTIONS.withContextLength(24));
    Scheduler scheduler = new Scheduler(engine, 1000);
    CachedSequence visitor = scheduler.cache().openAll(range(500, 520)).orElseThrow();
    CompletableFuture<DecodeResult> result = scheduler.submit(request(range(10, 16), 8, SPARSE));
    for (int i = 0; i < 3; i++) {
      assertThat(scheduler.tick()).isTrue();
    }
    assertThat(engine.calls).as("no room for the prompt").isEmpty();
    visitor.release();
    scheduler.tick();
    scheduler.tick();
    // It has two pages, and wants a third for its third step.
    CachedSequence next = scheduler.cache().openAll(range(500, 516)).orElseThrow();
    for (int i = 0; i < 6; i++) {
      assertThat(scheduler.tick()).isTrue();
    }
    assertThat(result).isNotDone();
    next.release();
    while (scheduler.tick()) {}
    assertThat(result.join().tokens()).containsExactly(range(16, 24));
    assertThat(scheduler.suspensions()).isZero();
    assertThat(scheduler.cache().hasVisitors()).isFalse();
  }
}
