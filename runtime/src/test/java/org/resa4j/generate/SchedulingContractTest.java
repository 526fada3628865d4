package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.BlockCache;
import org.resa4j.cache.CacheFiles;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Device;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvType;
import org.resa4j.error.InputException;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;

/**
 * What a scheduler must do on an engine's devices, with random models, whose texts are chaotic. An
 * engine's module extends this with its provider.
 */
public abstract class SchedulingContractTest {
  /** Scores nearer to each other than this are a tie at the engine's precision. */
  private static final double TIE = 2e-3;

  private static final int BLOCK = 4;

  protected abstract EngineProvider provider();

  /** How much of the long tests an engine has the time for, in (0, 1]. */
  protected double share() {
    return 1;
  }

  private Engine open(Device device, Model model, EngineOptions options) {
    return provider().open(model, options.withDevice(device.id()).withKvType(KvType.F32));
  }

  private Stream<DynamicTest> onEveryDevice(Consumer<Device> test) {
    List<Device> devices = provider().devices();
    assertThat(devices).as("devices of engine " + provider().name()).isNotEmpty();
    return devices.stream()
        .map(device -> DynamicTest.dynamicTest(device.id(), () -> test.accept(device)));
  }

  private static EngineOptions options(int context) {
    return EngineOptions.of(context).withBlockSize(BLOCK).withPageBlocks(3).withEncodeTokens(64);
  }

  private static int[] prompt(Random random, int tokens) {
    return random.ints(tokens, 0, RandomModel.VOCABULARY).toArray();
  }

  private static Sampling sampling(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Sampling.GREEDY;
      case 1 -> Sampling.GREEDY.withRepetitionPenalty(1.3);
      case 2 -> new Sampling(0.8, 0, 1, random.nextLong());
      default -> new Sampling(1.1, 20, 0.9, 0.02, 1.1, random.nextLong());
    };
  }

  private static DecodeRequest request(
      int[] prompt, int tokens, ResaConfig config, Sampling sampling, Cancellation cancellation) {
    return new DecodeRequest(
        prompt,
        tokens,
        config,
        sampling,
        Set.of(),
        (token, last) -> true,
        false,
        OptionalInt.empty(),
        0,
        Optional.empty(),
        cancellation);
  }

  private static DecodeRequest dense(DecodeRequest request) {
    return request(
        request.prompt(),
        request.maxTokens(),
        ResaConfig.dense(BLOCK),
        request.sampling(),
        new Cancellation());
  }

  /**
   * Checks that a text is another up to a tie.
   *
   * @return 1 where they part at a tie, else 0
   */
  private static int compare(
      String what, Engine engine, DecodeRequest request, int[] expected, int[] actual) {
    return compare(what, engine, RandomModel.VOCABULARY, request, expected, actual);
  }

  private static int compare(
      String what,
      Engine engine,
      int vocabulary,
      DecodeRequest request,
      int[] expected,
      int[] actual) {
    int at = Arrays.mismatch(expected, 0, actual.length, actual, 0, actual.length);
    if (at < 0) {
      return 0;
    }
    int[] text = Arrays.copyOf(request.prompt(), request.prompt().length + at);
    System.arraycopy(expected, 0, text, request.prompt().length, at);
    double apart = Math.abs(scores(engine, vocabulary, request, text, expected[at], actual[at]));
    assertThat(apart).as("%s: token %d, scores apart", what, at).isLessThan(TIE);
    return 1;
  }

  /** How far apart two tokens' scores are after a text, by a dense pass. */
  private static double scores(
      Engine engine, int vocabulary, DecodeRequest request, int[] text, int a, int b) {
    BlockTable table = BlockTable.slots(engine.info()).getFirst();
    int chunk = engine.info().options().encodeTokens();
    for (int from = 0; from < text.length; from += chunk) {
      int count = Math.min(chunk, text.length - from);
      engine.encode(EncodeBatch.of(table, from, text, from, count, Logits.LAST));
    }
    float[] logits = new float[vocabulary];
    engine.logits(0, logits);
    double penalty = request.sampling().repetitionPenalty();
    double[] scores = new double[2];
    int[] tokens = {a, b};
    for (int i = 0; i < 2; i++) {
      int token = tokens[i];
      double logit = logits[token];
      if (Arrays.stream(text).anyMatch(seen -> seen == token)) {
        logit = logit > 0 ? logit / penalty : logit * penalty;
      }
      scores[i] =
          request.sampling().isGreedy()
              ? logit
              : logit / request.sampling().temperature()
                  + new GumbelNoise(request.sampling().seed(), text.length).of(token);
    }
    return scores[0] - scores[1];
  }

  /** The text of exact mode is dense decoding's, whatever the drafts are. */
  @TestFactory
  Stream<DynamicTest> exactModeWritesDenseDecodingsTextWhateverIsDrafted() {
    return onEveryDevice(
        device -> {
          int ties = 0;
          int texts = 0;
          int cycles = 0;
          int told = 0;
          for (int trial = 0; trial < Math.max(2, 40 * share()); trial++) {
            Random random = new Random(1000 + trial);
            Model model = RandomModel.of(trial, 400);
            EngineOptions options = options(400).withSequences(3);
            try (Engine engine = open(device, model, options);
                Engine dense = open(device, model, options(400))) {
              List<DecodeRequest> requests = new ArrayList<>();
              for (int i = 0; i < 4; i++) {
                ResaConfig config =
                    new ResaConfig(BLOCK, 0.05 + 0.3 * random.nextDouble(), 2, 1, 0)
                        .withExact(
                            random.nextInt(4) == 0
                                ? DraftLength.AUTO
                                : DraftLength.of(2 + random.nextInt(20)));
                requests.add(
                    request(
                        prompt(random, 1 + random.nextInt(150)),
                        1 + random.nextInt(90),
                        config,
                        sampling(random),
                        new Cancellation()));
              }
              AdversarialDrafts adversary =
                  new AdversarialDrafts(
                      engine,
                      dense,
                      model.config().attention().headDim(),
                      random.nextInt(3) * 0.2,
                      trial);
              List<DecodeResult> results =
                  new Scheduler(adversary, RandomModel.VOCABULARY).run(requests);
              for (int i = 0; i < results.size(); i++) {
                DecodeRequest request = requests.get(i);
                int[] expected =
                    new Scheduler(dense, RandomModel.VOCABULARY)
                        .run(List.of(dense(request)))
                        .getFirst()
                        .tokens();
                assertThat(results.get(i).tokens()).hasSameSizeAs(expected);
                ties +=
                    compare(
                        "model %d, text %d".formatted(trial, i),
                        dense,
                        request,
                        expected,
                        results.get(i).tokens());
                texts++;
              }
              cycles += adversary.cycles;
              told += adversary.told;
            }
          }
          System.out.printf(
              "%s: %d texts of exact mode, %d part from dense decoding's at a tie; %d cycles, %d"
                  + " drafts made wrong%n",
              device.id(), texts, ties, cycles, told);
          assertThat(cycles).isGreaterThan(texts);
          assertThat(told).isPositive();
          assertThat(ties).isLessThanOrEqualTo(1 + texts / 20);
        });
  }

  /** Each text is the same alone on a fresh engine, whatever happens around it. */
  @TestFactory
  Stream<DynamicTest> aTextDoesNotDependOnItsCompany() {
    return onEveryDevice(
        device -> {
          Random random = new Random(7);
          Model model = RandomModel.of(99, 200);
          int count = (int) Math.max(20, 1000 * share());
          // A third of what five whole texts take.
          EngineOptions wide = options(200).withSequences(5);
          long page;
          try (Engine engine = open(device, model, options(200))) {
            page = engine.info().cacheBytes() / engine.info().pages();
          }
          EngineOptions options = wide.withCacheBytes(page * 5 * wide.tablePages() / 3);
          List<DecodeRequest> requests = new ArrayList<>();
          int[] shared = prompt(random, 60);
          for (int i = 0; i < count; i++) {
            int[] prompt = prompt(random, 1 + random.nextInt(80));
            if (random.nextInt(3) == 0) {
              int common = Math.min(prompt.length, 1 + random.nextInt(shared.length));
              System.arraycopy(shared, 0, prompt, 0, common);
            }
            requests.add(
                request(
                    prompt,
                    1 + random.nextInt(60),
                    setting(random),
                    sampling(random),
                    new Cancellation()));
          }
          List<CompletableFuture<DecodeResult>> results = new ArrayList<>();
          try (Engine engine = open(device, model, options)) {
            Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
            int submitted = 0;
            boolean more = true;
            while (more || submitted < count) {
              for (int i = random.nextInt(3); i > 0 && submitted < count; i--) {
                results.add(scheduler.submit(requests.get(submitted++)));
              }
              more = scheduler.tick();
              if (random.nextInt(60) == 0 && submitted > 0) {
                requests.get(random.nextInt(submitted)).cancellation().cancel();
              }
            }
            assertThat(scheduler.suspensions()).isGreaterThanOrEqualTo(count / 50);
            assertThat(scheduler.cache().heldPages()).isZero();
            assertThat(scheduler.cache().usedPages()).isLessThanOrEqualTo(engine.info().pages());
          }
          int ties = 0;
          int cancelled = 0;
          int taken = 0;
          Engine fresh = open(device, model, options(200));
          for (int i = 0; i < count; i++) {
            DecodeResult result = results.get(i).join();
            DecodeRequest request = requests.get(i);
            boolean ended = result.finish() == FinishReason.MAX_TOKENS;
            cancelled += ended ? 0 : 1;
            taken += result.cachedTokens() > 0 ? 1 : 0;
            if (share() == 1) {
              fresh.close();
              fresh = open(device, model, options(200));
            }
            DecodeResult alone =
                new Scheduler(fresh, RandomModel.VOCABULARY)
                    .run(
                        List.of(
                            request(
                                request.prompt(),
                                request.maxTokens(),
                                request.config(),
                                request.sampling(),
                                new Cancellation())))
                    .getFirst();
            if (ended) {
              assertThat(result.tokens()).hasSameSizeAs(alone.tokens());
            }
            ties += compare("text " + i, fresh, request, alone.tokens(), result.tokens());
          }
          fresh.close();
          System.out.printf(
              "%s: %d texts in company, %d cancelled, %d took over from others, %d part from the"
                  + " text alone at a tie%n",
              device.id(), count, cancelled, taken, ties);
          assertThat(taken).isPositive();
          assertThat(cancelled).isLessThan(count / 2);
          assertThat(ties).isLessThanOrEqualTo(1 + count / 50);
        });
  }

  private static ResaConfig setting(Random random) {
    ResaConfig sparse = new ResaConfig(BLOCK, 0.1 + 0.2 * random.nextDouble(), 3, 1, 0);
    return switch (random.nextInt(4)) {
      case 0 -> ResaConfig.dense(BLOCK);
      case 1 -> sparse;
      case 2 -> sparse.withRectifyEvery(3 + random.nextInt(12));
      default -> sparse.withExact(DraftLength.of(2 + random.nextInt(14)));
    };
  }

  /** A prompt that begins as another did is encoded from where it parts. */
  @TestFactory
  Stream<DynamicTest> aSharedPrefixIsEncodedOnce() {
    return onEveryDevice(
        device -> {
          int length = (int) Math.max(256, 4096 * share());
          Random random = new Random(5);
          Model model = RandomModel.of(5, length + 128);
          EngineOptions options = options(length + 128).withSequences(3);
          int[] first = prompt(random, length + 30);
          int[] second = Arrays.copyOf(first, length + 25);
          for (int i = length; i < second.length; i++) {
            second[i] = (second[i] + 1) % RandomModel.VOCABULARY;
          }
          ResaConfig config = new ResaConfig(BLOCK, 0.2, 4, 1, 8);
          int[] encoded = {0};
          DecodeRequest request = request(second, 20, config, Sampling.GREEDY, new Cancellation());
          try (Engine engine = open(device, model, options);
              Engine alone = open(device, model, options)) {
            Engine counting =
                new EngineDecorator(engine) {
                  @Override
                  public void encode(EncodeBatch batch) {
                    encoded[0] += batch.tokens();
                    super.encode(batch);
                  }
                };
            Scheduler scheduler = new Scheduler(counting, RandomModel.VOCABULARY);
            CompletableFuture<DecodeResult> one =
                scheduler.submit(request(first, 40, config, Sampling.GREEDY, new Cancellation()));
            while (one.isDone() || encoded[0] < first.length) {
              scheduler.tick();
            }
            // The first is still being written.
            assertThat(one).isNotDone();
            CompletableFuture<DecodeResult> two = scheduler.submit(request);
            while (scheduler.tick()) {}
            assertThat(two.join().cachedTokens()).isEqualTo(length);
            assertThat(two.join().times().prefillTokens()).isEqualTo(25);
            int[] expected =
                new Scheduler(alone, RandomModel.VOCABULARY)
                    .run(List.of(request))
                    .getFirst()
                    .tokens();
            assertThat(compare("sharing", alone, request, expected, two.join().tokens()))
                .isLessThanOrEqualTo(1);
            assertThat(one.join().tokens()).hasSize(40);
          }
        });
  }

  /** A text that was saved goes on as if it had not been. */
  @TestFactory
  Stream<DynamicTest> aRestoredTextGoesOnWithTheSameTokens() {
    return onEveryDevice(device -> unchecked(() -> checkRestored(device)));
  }

  private interface Checked {
    void run() throws IOException;
  }

  private static void unchecked(Checked test) {
    try {
      test.run();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Of every architecture, and of positions that are scaled. */
  @TestFactory
  Stream<DynamicTest> exactModeWritesWhatDenseDecodingDoesWithEveryGoldenModel() {
    return onEveryDevice(
        device -> {
          int ties = 0;
          for (String name :
              List.of("qwen2", "qwen3", "llama3", "mistral", "llama-biases", "yarn-qwen2")) {
            Model model =
                HuggingFace.load(
                    name.startsWith("yarn")
                        ? Golden.model("qwen2", "rope/" + name)
                        : Golden.model(name));
            int vocabulary = model.config().vocabulary();
            try (Engine engine = open(device, model, options(192))) {
              for (Sampling sampling : List.of(Sampling.GREEDY, new Sampling(0.9, 0, 1, 0, 1, 7))) {
                Scheduler scheduler = new Scheduler(engine, vocabulary);
                int[] prompt = new Random(5).ints(70, 0, vocabulary).toArray();
                ResaConfig exact = new ResaConfig(BLOCK, 0.2, 3, 1, 0).withExact(DraftLength.of(8));
                DecodeRequest request = request(prompt, 60, exact, sampling, new Cancellation());
                int[] dense = scheduler.run(List.of(dense(request))).getFirst().tokens();
                DecodeResult result = scheduler.run(List.of(request)).getFirst();
                assertThat(result.verifications().count()).as(name).isGreaterThan(5);
                ties += compare(name, engine, vocabulary, request, dense, result.tokens());
              }
            }
          }
          assertThat(ties).as("texts that part at a tie").isLessThanOrEqualTo(2);
        });
  }

  private void checkRestored(Device device) throws IOException {
    Random random = new Random(11);
    Model model = RandomModel.of(11, 400);
    EngineOptions options = options(400);
    int[] prompt = prompt(random, 150);
    ResaConfig config = new ResaConfig(BLOCK, 0.2, 4, 1, 8);
    Path folder = Files.createTempDirectory("resa-cache");
    Path file = folder.resolve("text.kv");
    int[] text;
    int saved;
    int[] uninterrupted;
    try (Engine engine = open(device, model, options)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      text = joined(prompt, write(scheduler, prompt, config));
      saved = files(engine, scheduler, model).save(file, text);
      // 39 steps of 40 tokens, 32 of them rectified.
      assertThat(saved).isGreaterThanOrEqualTo(150 + 32);
      uninterrupted = write(scheduler, joined(text, prompt(new Random(3), 9)), config);
    }
    int[] goesOn = joined(text, prompt(new Random(3), 9));
    try (Engine engine = open(device, model, options)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      assertThat(files(engine, scheduler, model).restore(file))
          .containsExactly(Arrays.copyOf(text, saved));
      DecodeResult result =
          scheduler
              .run(List.of(request(goesOn, 40, config, Sampling.GREEDY, new Cancellation())))
              .getFirst();
      assertThat(result.cachedTokens()).isEqualTo(saved);
      assertThat(result.tokens()).containsExactly(uninterrupted);
      // What was restored is saved again the same.
      Path again = folder.resolve("again.kv");
      assertThat(files(engine, scheduler, model).save(again, Arrays.copyOf(text, saved)))
          .isEqualTo(saved);
      assertThat(Files.mismatch(file, again)).isEqualTo(-1);
    }
    checkRefused(device, model, options, file);
    assertThat(Files.list(folder)).hasSize(2);
  }

  private void checkRefused(Device device, Model model, EngineOptions options, Path file)
      throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Path damaged = Files.createTempFile("resa-cache", ".kv");
    try (Engine engine = open(device, model, options)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      for (int length : new int[] {0, 7, 11, 40, 300, bytes.length / 2, bytes.length - 1}) {
        Files.write(damaged, Arrays.copyOf(bytes, length));
        assertRefused(damaged, engine, scheduler, model, "cut short");
      }
      byte[] flipped = bytes.clone();
      flipped[bytes.length / 2] ^= 4;
      Files.write(damaged, flipped);
      assertRefused(damaged, engine, scheduler, model, "damaged");
      Files.write(damaged, Arrays.copyOf(bytes, bytes.length + 1));
      assertRefused(damaged, engine, scheduler, model, "damaged");
      byte[] other = bytes.clone();
      other[0]++;
      Files.write(damaged, other);
      assertRefused(damaged, engine, scheduler, model, "not a saved cache");
      other = bytes.clone();
      other[11]++;
      Files.write(damaged, other);
      assertRefused(damaged, engine, scheduler, model, "version 3");
      assertRefused(damaged.resolveSibling("none.kv"), engine, scheduler, model, "no such file");
      assertThat(scheduler.cache().usedPages()).isZero();
    }
    Model another = RandomModel.of(12, 400);
    try (Engine engine = open(device, another, options)) {
      Scheduler scheduler = new Scheduler(engine, RandomModel.VOCABULARY);
      assertRefused(file, engine, scheduler, another, "other weights");
      assertThatThrownBy(() -> files(engine, scheduler, another).save(damaged, new int[] {1, 2}))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("nothing of the text");
    }
  }

  private static CacheFiles files(Engine engine, Scheduler scheduler, Model model) {
    return new CacheFiles(
        model,
        engine.info(),
        new CacheFiles.Access() {
          @Override
          public <T> T ask(BiFunction<Engine, BlockCache, T> question) {
            return question.apply(engine, scheduler.cache());
          }
        });
  }

  private static void assertRefused(
      Path file, Engine engine, Scheduler scheduler, Model model, String reason) {
    assertThatThrownBy(() -> files(engine, scheduler, model).restore(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(reason);
  }

  private static int[] write(Scheduler scheduler, int[] prompt, ResaConfig config) {
    return scheduler
        .run(List.of(request(prompt, 40, config, Sampling.GREEDY, new Cancellation())))
        .getFirst()
        .tokens();
  }

  private static int[] joined(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
