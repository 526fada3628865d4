package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.model.Model;
import org.resa4j.reference.ReferenceModel;

/** What a trace says is what the formulas in double precision select. */
class TracingTest {
  private static final int BLOCK = 4;
  private static final int CONTEXT = 200;
  private static final int TOKENS = 60;
  private static final ResaConfig DENSE = ResaConfig.dense(BLOCK);
  private static final ResaConfig SPARSE = new ResaConfig(BLOCK, 0.2, 3, 1, 0);

  /** Writes down what it hears, in order. */
  private static final class Recorder implements TraceListener {
    private record Rectified(int from, int to) {}

    private final List<Object> events = new ArrayList<>();

    @Override
    public void onStep(StepTrace step) {
      events.add(step);
    }

    @Override
    public void onRectified(int from, int to) {
      events.add(new Rectified(from, to));
    }

    @Override
    public void onVerified(VerificationTrace verification) {
      events.add(verification);
    }

    <T> List<T> all(Class<T> type) {
      return events.stream().filter(type::isInstance).map(type::cast).toList();
    }
  }

  private static Engine open(Model model, int sequences) {
    return new JvmEngineProvider()
        .open(
            model,
            EngineOptions.of(CONTEXT)
                .withBlockSize(BLOCK)
                .withPageBlocks(3)
                .withEncodeTokens(64)
                .withSequences(sequences)
                .withThreads(2)
                .withKvType(KvType.F32));
  }

  private static int[] prompt(int seed, int tokens) {
    return new Random(seed).ints(tokens, 0, RandomModel.VOCABULARY).toArray();
  }

  private static DecodeRequest request(int[] prompt, ResaConfig config, TraceListener listener) {
    return new DecodeRequest(
        prompt,
        TOKENS,
        config,
        new Sampling(0.9, 0, 1, 3),
        Set.of(),
        (token, last) -> true,
        false,
        OptionalInt.empty(),
        0,
        Optional.empty(),
        new Cancellation(),
        Optional.empty(),
        Optional.ofNullable(listener));
  }

  /** Does again in double precision what a trace says was done, and compares each selection. */
  private static final class Replay {
    private final Model model;
    private final ReferenceModel reference;
    private final ResaConfig config;
    private final int[] text;
    private final List<StepTrace> drafted = new ArrayList<>();

    Replay(Model model, DecodeRequest request, int[] written) {
      this.model = model;
      config = request.config();
      reference = new ReferenceModel(model, CONTEXT);
      text = IntStream.concat(IntStream.of(request.prompt()), IntStream.of(written)).toArray();
      dense(0, request.prompt().length);
    }

    private void dense(int from, int to) {
      for (int position = from; position < to; position++) {
        reference.step(text[position], position, DENSE);
      }
    }

    void check(List<Object> events) {
      for (Object event : events) {
        switch (event) {
          case StepTrace step when step.isDraft() -> drafted.add(step);
          case StepTrace step -> check(step, text[step.position()]);
          case Recorder.Rectified window -> dense(window.from(), window.to());
          case VerificationTrace verified -> check(verified);
          default -> throw new AssertionError(event);
        }
      }
    }

    private void check(VerificationTrace verified) {
      int[] drafts = verified.drafts();
      int first = verified.position();
      assertThat(drafted).hasSize(drafts.length);
      for (StepTrace step : drafted) {
        int position = step.position();
        check(step, position < first ? text[position] : drafts[position - first]);
      }
      drafted.clear();
      dense(first - 1, first);
      for (int i = 0; i < drafts.length; i++) {
        reference.step(drafts[i], first + i, DENSE);
      }
      int accepted = verified.accepted();
      for (int i = 0; i < accepted; i++) {
        assertThat(text[first + i]).isEqualTo(drafts[i]);
      }
      if (verified.refused()) {
        assertThat(text[first + accepted]).isNotEqualTo(drafts[accepted]);
      }
    }

    private void check(StepTrace step, int token) {
      int blocks = Math.ceilDiv(step.position() + 1, BLOCK);
      int kvHeads = model.config().attention().kvHeads();
      int[][] expected = new int[model.config().layers()][blocks];
      ResaConfig used = config.exact().isPresent() && !step.isDraft() ? DENSE : config;
      reference.step(
          token,
          step.position(),
          used,
          (layer, kvHead, queries, keys, tokens, kept) -> {
            for (int block : kept) {
              expected[layer][block]++;
            }
          });
      assertThat(step.blocks()).isEqualTo(blocks);
      assertThat(step.kept()).isEqualTo(used.keepBlocks(step.position() + 1));
      assertThat(step.layers()).isEqualTo(expected.length);
      for (int layer = 0; layer < expected.length; layer++) {
        int[] actual = counts(step, layer);
        assertThat(actual)
            .as("layer %d at position %d", layer, step.position())
            .isEqualTo(expected[layer]);
        assertThat(IntStream.of(actual).sum()).isEqualTo(kvHeads * step.kept());
      }
    }
  }

  private static int[] counts(StepTrace step, int layer) {
    return IntStream.range(0, step.blocks()).map(block -> step.readers(layer, block)).toArray();
  }

  private static List<ResaConfig> modes() {
    return List.of(SPARSE, SPARSE.withRectifyEvery(8), DENSE, SPARSE.withExact(DraftLength.of(6)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void selectionsAreThoseOfTheFormulas(long seed) {
    Model model = RandomModel.of(seed, CONTEXT);
    List<Recorder> recorders = new ArrayList<>();
    List<DecodeRequest> requests = new ArrayList<>();
    for (ResaConfig config : modes()) {
      recorders.add(new Recorder());
      // Some blocks short of selecting, some far from it.
      int tokens = 9 + 27 * recorders.size();
      requests.add(request(prompt(recorders.size(), tokens), config, recorders.getLast()));
      // Beside it one that nobody observes.
      requests.add(request(prompt(recorders.size(), tokens), config, null));
    }
    try (Engine engine = open(model, 3)) {
      List<DecodeResult> results = new Scheduler(engine, RandomModel.VOCABULARY).run(requests);
      for (int i = 0; i < recorders.size(); i++) {
        int[] written = results.get(2 * i).tokens();
        assertThat(results.get(2 * i + 1).tokens())
            .as("with a trace or without")
            .isEqualTo(written);
        new Replay(model, requests.get(2 * i), written).check(recorders.get(i).events);
      }
      assertThat(recorders.get(0).all(StepTrace.class)).hasSize(TOKENS - 1);
      assertThat(recorders.get(0).all(StepTrace.class)).anyMatch(step -> !step.isDense());
      assertThat(recorders.get(1).all(Recorder.Rectified.class))
          .hasSize(results.get(2).rectification().count())
          .hasSizeGreaterThan(5)
          .allMatch(window -> window.to() - window.from() == 8);
      assertThat(recorders.get(2).all(StepTrace.class)).allMatch(StepTrace::isDense);
      Verifications verifications = results.get(6).verifications();
      List<VerificationTrace> verified = recorders.get(3).all(VerificationTrace.class);
      assertThat(verified).hasSize(verifications.count());
      assertThat(verified.stream().mapToLong(VerificationTrace::accepted).sum())
          .isEqualTo(verifications.accepted());
      assertThat(verified.stream().mapToLong(each -> each.drafts().length).sum())
          .isEqualTo(verifications.drafted());
    }
  }

  @Test
  void aListenerThatThrowsEndsItsOwnTextAlone() {
    Model model = RandomModel.of(5, CONTEXT);
    TraceListener broken =
        new TraceListener() {
          @Override
          public void onStep(StepTrace step) {
            throw new IllegalStateException("broken");
          }

          @Override
          public void onRectified(int from, int to) {}

          @Override
          public void onVerified(VerificationTrace verification) {}
        };
    try (Engine engine = open(model, 2)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      CompletableFuture<DecodeResult> bad =
          scheduler.submit(request(prompt(1, 40), SPARSE, broken));
      CompletableFuture<DecodeResult> good =
          scheduler.submit(request(prompt(1, 40), SPARSE, new Recorder()));
      while (scheduler.tick()) {}
      assertThat(good.join().tokens()).hasSize(TOKENS);
      assertThatThrownBy(bad::join).hasRootCauseMessage("broken");
    }
  }

  @Test
  void anEngineThatDoesNotTellIsAskedForNoTrace() {
    try (Engine engine = new RecordingEngine(EngineOptions.of(CONTEXT).withBlockSize(BLOCK))) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      DecodeRequest traced = request(prompt(1, 40), SPARSE, new Recorder());
      assertThatThrownBy(() -> scheduler.submit(traced))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not tell");
    }
  }
}
