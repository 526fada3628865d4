package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;

/** A filter holds in every mode, whatever is drafted, taken back, or begun again. */
class TokenFilterTest {
  private static final int BLOCK = 4;
  private static final int KINDS = 7;

  /** Allows the tokens of a remainder that is the sum of all before, so that each one matters. */
  private record Sums(int sum) implements TokenFilter {
    @Override
    public BitSet allowed() {
      BitSet allowed = new BitSet();
      for (int token = sum % KINDS; token < RandomModel.VOCABULARY; token += KINDS) {
        allowed.set(token);
      }
      return allowed;
    }

    @Override
    public TokenFilter after(int token) {
      if (token % KINDS != sum % KINDS) {
        throw new IllegalArgumentException(token + " was not allowed");
      }
      return new Sums(sum + token / KINDS + 1);
    }
  }

  /** Allows one token after the other, and then none. */
  private record Countdown(int left) implements TokenFilter {
    @Override
    public BitSet allowed() {
      BitSet allowed = new BitSet();
      allowed.set(5, left > 0);
      return allowed;
    }

    @Override
    public TokenFilter after(int token) {
      return new Countdown(left - 1);
    }
  }

  private static DecodeRequest request(
      int[] prompt, ResaConfig config, Sampling sampling, Optional<TokenFilter> filter) {
    return new DecodeRequest(
        prompt,
        60,
        config,
        sampling,
        Set.of(),
        (token, last) -> true,
        false,
        OptionalInt.empty(),
        0,
        Optional.empty(),
        new Cancellation(),
        filter);
  }

  private static List<ResaConfig> modes() {
    ResaConfig sparse = new ResaConfig(BLOCK, 0.2, 2, 1, 0);
    return List.of(
        ResaConfig.dense(BLOCK),
        sparse,
        sparse.withRectifyEvery(8),
        sparse.withExact(DraftLength.of(6)));
  }

  private static List<Sampling> samplings() {
    return List.of(
        Sampling.GREEDY,
        Sampling.GREEDY.withRepetitionPenalty(1.3),
        new Sampling(0.9, 0, 1, 3),
        new Sampling(1.2, 5, 0.8, 0.01, 1.1, 4));
  }

  private static Engine open(Model model, int sequences, long cacheBytes) {
    EngineOptions options =
        EngineOptions.of(200)
            .withBlockSize(BLOCK)
            .withPageBlocks(3)
            .withEncodeTokens(64)
            .withSequences(sequences)
            .withKvType(KvType.F32);
    return new JvmEngineProvider()
        .open(model, cacheBytes > 0 ? options.withCacheBytes(cacheBytes) : options);
  }

  private static void assertAllowed(int[] tokens) {
    TokenFilter filter = new Sums(0);
    for (int token : tokens) {
      filter = filter.after(token);
    }
  }

  @Test
  void everyModeWritesAllowedTokensOnlyAndExactModeDenseDecodingsText() {
    Model model = RandomModel.of(11, 200);
    List<DecodeRequest> requests = new ArrayList<>();
    int[] prompt = new Random(1).ints(90, 0, RandomModel.VOCABULARY).toArray();
    for (Sampling sampling : samplings()) {
      for (ResaConfig mode : modes()) {
        requests.add(request(prompt, mode, sampling, Optional.of(new Sums(0))));
      }
    }
    long oneContext;
    try (Engine alone = open(model, 1, 0)) {
      oneContext = alone.info().cacheBytes();
    }
    // Too small a cache for all of them, so that some begin again.
    try (Engine engine = open(model, 4, oneContext)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      List<DecodeResult> results = scheduler.run(requests);
      results.forEach(result -> assertAllowed(result.tokens()));
      for (int i = 0; i < results.size(); i += modes().size()) {
        DecodeResult exact = results.get(i + modes().size() - 1);
        assertThat(exact.tokens()).isEqualTo(results.get(i).tokens());
        assertThat(exact.verifications().accepted())
            .isGreaterThan(0)
            .isLessThan(exact.verifications().drafted());
      }
      assertThat(scheduler.suspensions()).isPositive();
    }
  }

  @Test
  void whereNoTokenMayFollowTheTextFailsAndNoOther() {
    Model model = RandomModel.of(11, 200);
    try (Engine engine = open(model, 6, 0)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      List<CompletableFuture<DecodeResult>> stuck = new ArrayList<>();
      int[] prompt = new Random(2).ints(90, 0, RandomModel.VOCABULARY).toArray();
      for (ResaConfig mode : modes()) {
        stuck.add(
            scheduler.submit(
                request(prompt, mode, Sampling.GREEDY, Optional.of(new Countdown(3)))));
      }
      CompletableFuture<DecodeResult> free =
          scheduler.submit(
              request(prompt, ResaConfig.dense(BLOCK), Sampling.GREEDY, Optional.empty()));
      while (scheduler.tick()) {}
      for (CompletableFuture<DecodeResult> each : stuck) {
        assertThatThrownBy(each::join)
            .hasCauseInstanceOf(InputException.class)
            .hasMessageContaining("after the 3 that were written");
      }
      assertThat(free.join().tokens()).hasSize(60);
    }
  }

  @Test
  void whatIsFilteredOutLeavesItsProbabilityToTheOthers() {
    BitSet two = BitSet.valueOf(new long[] {0b101});
    TokenFilter filter =
        new TokenFilter() {
          @Override
          public BitSet allowed() {
            return two;
          }

          @Override
          public TokenFilter after(int token) {
            return this;
          }
        };
    float[] logits = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};
    Sampler sampler =
        new Sampler(
            new Sampling(1, 0, 0.999, 7), OptionalInt.empty(), Optional.of(filter), logits.length);
    int last = 0;
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      int token = sampler.next(logits, i);
      assertThat(token).isNotEqualTo(1);
      last += token == 2 ? 1 : 0;
    }
    assertThat((double) last / draws).isBetween(0.73, 0.77);
  }
}
