package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.CacheFiles;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Sheet;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.error.Setting;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.Verifications;
import org.resa4j.tokenizer.Message;

/** The API as an application uses it. */
class ResaTest {
  private static final Path SHIPPED = Path.of(System.getProperty("resa.home"), "models/clerk");

  private static Resa.Builder builder() {
    return Resa.builder(WorksheetContractTest.worksheetModel()).engine("jvm").contextLength(1024);
  }

  private static final GenerationOptions DENSE =
      new GenerationOptions(500, ResaConfig.dense(16), Sampling.GREEDY);

  private static GenerationRequest request(Sheet sheet) {
    return new GenerationRequest(Prompt.text(sheet.prompt()), DENSE);
  }

  @Test
  void theShippedExampleIsRightWithDefaults() throws IOException {
    String prompt = Files.readString(SHIPPED.resolve("example-prompt.txt")).strip();
    String answer = Files.readString(SHIPPED.resolve("example-answer.txt")).strip();
    try (Resa resa = Resa.builder(SHIPPED).engine("jvm").build()) {
      assertThat(resa.generate(prompt).text().strip()).isEqualTo(answer);
      assertThat(resa.info().settings())
          .contains(
              new SettingOrigin("block_size", "4", "resa.json"),
              new SettingOrigin("do_sample", "false", "generation_config.json"),
              new SettingOrigin("context_length", "8192", "default"));
    }
  }

  @Test
  void streamsWhatItReturnsAndMeasures() {
    Sheet sheet = Sheet.of(20, 3);
    StringBuilder streamed = new StringBuilder();
    try (Resa resa = builder().profile(true).build()) {
      Generation generation = resa.generate(sheet.prompt(), DENSE, streamed::append);
      assertThat(generation.finish()).isEqualTo(FinishReason.END_OF_TEXT);
      assertThat(generation.text()).isEqualTo(streamed.toString());
      assertThat(
              generation.tokens().stream().map(GeneratedToken::text).collect(Collectors.joining()))
          .isEqualTo(generation.text());
      assertThat(sheet.isAnsweredBy(generation.text())).isTrue();
      Usage usage = generation.usage();
      assertThat(usage.promptTokens()).isEqualTo(184);
      assertThat(usage.cachedTokens()).isZero();
      assertThat(usage.generatedTokens()).isEqualTo(381);
      assertThat(usage.blocksKeptShare()).isEqualTo(1);
      assertThat(usage.times().steps()).isEqualTo(380);
      assertThat(resa.stageTimes().attend()).isPositive();
      assertThat(resa.stageTimes().estimate()).isZero();
      // A result is its own: another text does not change it, and finds the prompt cached.
      Usage again = resa.generate(sheet.prompt(), DENSE).usage();
      assertThat(again.cachedTokens()).isEqualTo(183);
      assertThat(usage.cachedTokens()).isZero();
    }
  }

  @Test
  void writesSeveralTextsAtOnce() {
    List<Sheet> sheets = List.of(Sheet.of(20, 4), Sheet.of(22, 5), Sheet.of(21, 6));
    try (Resa resa = builder().sequences(2).build()) {
      List<GenerationHandle> handles =
          sheets.stream().map(sheet -> resa.submit(request(sheet))).toList();
      for (int i = 0; i < 3; i++) {
        assertThat(handles.get(i).join().text().strip()).startsWith(sheets.get(i).text());
      }
    }
  }

  @Test
  void whatWasStreamedBeforeCancellingStaysValid() {
    Sheet sheet = Sheet.of(20, 7);
    try (Resa resa = builder().build()) {
      GenerationHandle handle = resa.submit(request(sheet));
      StringBuilder streamed = new StringBuilder();
      for (GeneratedToken token : handle) {
        streamed.append(token.text());
        if (streamed.length() > 100) {
          handle.cancel();
        }
      }
      Generation generation = handle.join();
      assertThat(generation.finish()).isEqualTo(FinishReason.CANCELLED);
      assertThat(generation.text()).isEqualTo(streamed.toString());
      assertThat(sheet.text()).startsWith(generation.text().strip());
      assertThat(generation.text().length()).isLessThan(sheet.text().length());
      // The engine is as good as new.
      assertThat(sheet.isAnsweredBy(resa.generate(sheet.prompt(), DENSE).text())).isTrue();
    }
  }

  @Test
  void aConsumerThatThrowsAndAnInterruptEndTheText() {
    Sheet sheet = Sheet.of(20, 7);
    try (Resa resa = builder().build()) {
      assertThatThrownBy(
              () ->
                  resa.generate(
                      sheet.prompt(),
                      DENSE,
                      part -> {
                        throw new IllegalArgumentException("enough");
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("enough");
      Generation interrupted =
          resa.generate(sheet.prompt(), DENSE, part -> Thread.currentThread().interrupt());
      assertThat(Thread.interrupted()).isTrue();
      assertThat(interrupted.finish()).isEqualTo(FinishReason.CANCELLED);
      assertThat(sheet.isAnsweredBy(resa.generate(sheet.prompt(), DENSE).text())).isTrue();
    }
  }

  @Test
  void theFuturesCancelEndsTheWriting() {
    try (Resa resa = builder().build()) {
      GenerationHandle handle = resa.submit(request(Sheet.of(20, 7)));
      handle.iterator().next();
      assertThat(handle.result().cancel(true)).isTrue();
      List<GeneratedToken> tokens = new ArrayList<>();
      handle.forEach(tokens::add);
      assertThat(tokens.size()).isLessThan(381);
      assertThat(handle.join().finish()).isEqualTo(FinishReason.CANCELLED);
      GenerationHandle late = resa.submit(request(Sheet.of(20, 7)));
      assertThatThrownBy(() -> late.result().orTimeout(1, TimeUnit.MILLISECONDS).join())
          .hasRootCauseInstanceOf(TimeoutException.class);
      assertThat(late.join().finish()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void aStopStringThatTheTokenizerDoesNotKnowIsNoSpecialToken() {
    Sheet sheet = Sheet.of(20, 8);
    try (Resa resa = builder().build()) {
      Generation generation = resa.generate(sheet.prompt(), DENSE.withStopStrings(List.of("STOP")));
      assertThat(generation.finish()).isEqualTo(FinishReason.END_OF_TEXT);
      assertThat(sheet.isAnsweredBy(generation.text())).isTrue();
    }
  }

  @Test
  void listenersHearTokensInOrderAndOneEnd() {
    Sheet sheet = Sheet.of(20, 8);
    CompletableFuture<Generation> ended = new CompletableFuture<>();
    StringBuilder heard = new StringBuilder();
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    try (Resa resa = builder().build()) {
      resa.submit(
          request(sheet),
          new GenerationListener() {
            @Override
            public void onToken(GeneratedToken token) {
              heard.append(token.text());
            }

            @Override
            public void onComplete(Generation generation) {
              ended.complete(generation);
            }
          });
      assertThat(ended.join().text()).isEqualTo(heard.toString());
      resa.submit(
          request(sheet),
          new GenerationListener() {
            @Override
            public void onToken(GeneratedToken token) {
              throw new IllegalStateException("not mine");
            }

            @Override
            public void onFailure(Throwable failure) {
              failed.complete(failure);
            }
          });
      assertThat(failed.join()).hasMessage("not mine");
    }
  }

  @Test
  void publishersPushWhatIsAskedForToEachSubscriber() {
    Sheet sheet = Sheet.of(20, 8);
    try (Resa resa = builder().build()) {
      GenerationHandle handle = resa.submit(request(sheet));
      List<CompletableFuture<String>> texts =
          IntStream.range(0, 2)
              .mapToObj(
                  i -> {
                    CompletableFuture<String> text = new CompletableFuture<>();
                    handle.publisher().subscribe(new OneByOne(text, Integer.MAX_VALUE));
                    return text;
                  })
              .toList();
      texts.forEach(text -> assertThat(sheet.isAnsweredBy(text.join())).isTrue());
      CompletableFuture<String> first = new CompletableFuture<>();
      handle.publisher().subscribe(new OneByOne(first, 1));
      assertThat(first.join()).isEqualTo(handle.join().tokens().getFirst().text());
    }
  }

  /** Asks for one token after the other and cancels after some. */
  private static final class OneByOne implements Flow.Subscriber<GeneratedToken> {
    private final CompletableFuture<String> text;
    private final StringBuilder heard = new StringBuilder();
    private final int most;
    private Flow.Subscription subscription;
    private int count;

    OneByOne(CompletableFuture<String> text, int most) {
      this.text = text;
      this.most = most;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      subscription.request(1);
    }

    @Override
    public void onNext(GeneratedToken token) {
      heard.append(token.text());
      if (++count == most) {
        subscription.cancel();
        text.complete(heard.toString());
      } else {
        subscription.request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      text.complete(heard.toString());
    }
  }

  @Test
  void stopStringsAreNoPartOfTheText() {
    Sheet sheet = Sheet.of(20, 8);
    try (Resa resa = builder().build()) {
      Generation generation = resa.generate(sheet.prompt(), DENSE.withStopStrings(List.of(" ;")));
      assertThat(generation.finish()).isEqualTo(FinishReason.STOP_STRING);
      assertThat(generation.text() + " ;").isEqualTo(sheet.answer().getFirst());
    }
  }

  @Test
  void aSpecialTokenStopsAlthoughNoTextShowsIt() {
    Sheet sheet = Sheet.of(20, 8);
    try (Resa resa = builder().build()) {
      Generation generation =
          resa.generate(
              sheet.prompt(), DENSE.withStopAtEndOfText(false).withStopStrings(List.of("<eos>")));
      assertThat(generation.finish()).isEqualTo(FinishReason.STOP_STRING);
      assertThat(sheet.isAnsweredBy(generation.text())).isTrue();
    }
  }

  @Test
  void probabilitiesComeWithTheTokens() {
    Sheet sheet = Sheet.of(20, 9);
    try (Resa resa = builder().build()) {
      Generation plain = resa.generate(sheet.prompt(), DENSE.withMaxTokens(30));
      Generation with =
          resa.generate(sheet.prompt(), DENSE.withMaxTokens(30).withLogProbabilities(3));
      assertThat(with.tokenIds()).isEqualTo(plain.tokenIds());
      assertThat(plain.tokens().getFirst().logProbability()).isEmpty();
      for (GeneratedToken token : with.tokens()) {
        assertThat(token.likeliest()).hasSize(3);
        assertThat(token.likeliest().getFirst().id()).isEqualTo(token.id());
        assertThat(token.likeliest().getFirst().logProbability())
            .isEqualTo(token.logProbability().orElseThrow());
        assertThat(token.logProbability().getAsDouble()).isLessThanOrEqualTo(0);
      }
      // A model that is sure of its words: its greedy text is about as likely as can be.
      assertThat(
              with.tokens().stream()
                  .mapToDouble(token -> token.logProbability().orElseThrow())
                  .sum())
          .isCloseTo(0, within(0.5));
    }
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> builder().contextLength(1_000_000).build())
        .isInstanceOfSatisfying(
            LimitException.class,
            e -> {
              assertThat(e.limit()).isEqualTo(32768);
              assertThat(e.settings()).containsExactly(Setting.CONTEXT_LENGTH);
            });
    assertThatThrownBy(() -> builder().engine("abacus").build())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("abacus");
    assertThatThrownBy(() -> builder().threads(-1).build())
        .isInstanceOf(IllegalArgumentException.class);
    try (Resa resa = builder().build()) {
      assertThatThrownBy(
              () ->
                  resa.generate(Sheet.of(20, 9).prompt(), DENSE.withAttention(ResaConfig.dense(8))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("blocks of 8");
      assertThatThrownBy(() -> resa.submit(request(new int[0]))).hasMessageContaining("empty");
      assertThatThrownBy(() -> resa.submit(request(new int[] {7, 1 << 20})))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("1048576");
      assertThatThrownBy(() -> resa.submit(request(new int[1025])))
          .isInstanceOfSatisfying(
              LimitException.class,
              e -> assertThat(e.settings()).containsExactly(Setting.CONTEXT_LENGTH));
      assertThatThrownBy(() -> resa.submit(request(new int[32769])))
          .hasMessageContaining("was trained for 32768")
          .isInstanceOfSatisfying(LimitException.class, e -> assertThat(e.settings()).isEmpty());
      assertThatThrownBy(() -> resa.chat(List.of(Message.user("x")), DENSE))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no chat template");
    }
  }

  private static GenerationRequest request(int[] tokens) {
    return new GenerationRequest(Prompt.tokens(tokens), DENSE);
  }

  @Test
  void aCheckpointServesSeveralAndOutlivesThem() {
    Checkpoint checkpoint = Checkpoint.load(WorksheetContractTest.worksheetModel());
    Sheet sheet = Sheet.of(20, 9);
    for (int i = 0; i < 2; i++) {
      try (Resa resa = Resa.builder(checkpoint).engine("jvm").contextLength(1024).build()) {
        assertThat(sheet.isAnsweredBy(resa.generate(sheet.prompt(), DENSE).text())).isTrue();
        assertThatThrownBy(checkpoint::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("in use");
      }
    }
    checkpoint.close();
    checkpoint.close();
    assertThatThrownBy(checkpoint::tokenizer).hasMessageContaining("closed");
    assertThatThrownBy(() -> Resa.builder(checkpoint).build()).hasMessageContaining("closed");
  }

  @Test
  void theLoadSaysWhatRunsAndWaitsAndWhatTheCacheHolds() {
    try (Resa resa = builder().build()) {
      EngineLoad idle = resa.load();
      assertThat(idle).isEqualTo(new EngineLoad(0, 0, idle.pages(), 0, 0));
      GenerationHandle first = resa.submit(request(Sheet.of(20, 3)));
      GenerationHandle second = resa.submit(request(Sheet.of(20, 4)));
      first.iterator().next();
      EngineLoad busy = resa.load();
      // One is told of before the step that it came of is noted.
      assertThat(busy.running() + busy.waiting()).isEqualTo(2);
      first.cancel();
      second.cancel();
      first.join();
      second.join();
      await(() -> resa.load().running() == 0);
      assertThat(resa.load().heldPages()).isZero();
      assertThat(resa.load().usedPages()).isPositive();
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void afterClosingCallsAreRefused() {
    Resa resa = builder().build();
    resa.close();
    resa.close();
    assertThatThrownBy(() -> resa.generate("x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(resa::stageTimes).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void conversationsGoThroughTheModelsTemplateWithItsVariables(@TempDir Path directory)
      throws IOException {
    for (String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
      Files.copy(Golden.file("models/qwen2/" + name), directory.resolve(name));
    }
    Files.copy(Golden.file("models/qwen2/tokenizer.json"), directory.resolve("tokenizer.json"));
    Files.writeString(
        directory.resolve("chat_template.jinja"),
        "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}[assistant]{% endif %}"
            + "{% if enable_thinking is defined and not enable_thinking %} no{% endif %}");
    try (Resa resa = Resa.builder(directory).engine("jvm").contextLength(256).build()) {
      GenerationOptions options = resa.defaults().withMaxTokens(1);
      List<Message> messages = List.of(Message.system("be kind"), Message.user("hi"));
      int plain = resa.tokenizer().encode("[system] be kind[user] hi[assistant]", false).length;
      assertThat(resa.chat(messages, options).usage().promptTokens()).isEqualTo(plain);
      int without =
          resa.tokenizer().encode("[system] be kind[user] hi[assistant] no", false).length;
      assertThat(without).isGreaterThan(plain);
      assertThat(
              resa.chat(messages, options.withTemplateVariable("enable_thinking", false))
                  .usage()
                  .promptTokens())
          .isEqualTo(without);
      assertThatThrownBy(
              () -> resa.chat(messages, options.withTemplateVariable("messages", "mine")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** A tenth of the blocks is too little for this model: many drafts are wrong. */
  private static final ResaConfig EXACT =
      new ResaConfig(16, 0.1, 2, 1, 0).withExact(DraftLength.of(8));

  @Test
  void exactModeWritesWhatDenseDecodingDoesToTheLogProbabilities() {
    Sheet sheet = Sheet.of(20, 3);
    try (Resa resa = builder().build()) {
      for (Sampling sampling : List.of(Sampling.GREEDY, new Sampling(1.5, 0, 0.95, 9))) {
        GenerationOptions options = DENSE.withSampling(sampling).withLogProbabilities(2);
        Generation dense = resa.generate(sheet.prompt(), options);
        StringBuilder streamed = new StringBuilder();
        Generation exact =
            resa.generate(sheet.prompt(), options.withAttention(EXACT), streamed::append);
        assertThat(exact.tokenIds()).containsExactly(dense.tokenIds());
        assertThat(exact.text()).isEqualTo(dense.text()).isEqualTo(streamed.toString());
        assertThat(exact.finish()).isEqualTo(dense.finish());
        for (int i = 0; i < dense.tokens().size(); i++) {
          assertThat(exact.tokens().get(i).logProbability().orElseThrow())
              .isCloseTo(dense.tokens().get(i).logProbability().orElseThrow(), within(1e-3));
        }
        Verifications done = exact.usage().verifications();
        assertThat(done.acceptance()).isBetween(0.1, 0.99);
        assertThat(done.yielded()).isEqualTo(exact.usage().times().decodedTokens());
        assertThat(dense.usage().verifications()).isEqualTo(Verifications.NONE);
      }
    }
  }

  @Test
  void exactModeStopsWhereDenseDecodingDoes() {
    Sheet sheet = Sheet.of(20, 3);
    String stop = sheet.text().split(" ")[40];
    try (Resa resa = builder().build()) {
      GenerationOptions stops = DENSE.withStopStrings(List.of(stop));
      Generation dense = resa.generate(sheet.prompt(), stops);
      Generation exact = resa.generate(sheet.prompt(), stops.withAttention(EXACT));
      assertThat(exact.finish()).isEqualTo(dense.finish()).isEqualTo(FinishReason.STOP_STRING);
      assertThat(exact.text()).isEqualTo(dense.text());
      GenerationOptions few = DENSE.withMaxTokens(33);
      assertThat(resa.generate(sheet.prompt(), few.withAttention(EXACT)).tokenIds())
          .containsExactly(resa.generate(sheet.prompt(), few).tokenIds());
      GenerationHandle handle =
          resa.submit(
              new GenerationRequest(Prompt.text(sheet.prompt()), DENSE.withAttention(EXACT)));
      handle.iterator().next();
      handle.cancel();
      assertThat(handle.join().finish()).isEqualTo(FinishReason.CANCELLED);
      assertThat(sheet.text()).startsWith(handle.join().text().strip());
    }
  }

  @Test
  void aTimeThatIsUpEndsATextAsItIs() {
    Sheet sheet = Sheet.of(20, 3);
    try (Resa resa = builder().build()) {
      Generation generation = resa.generate(sheet.prompt(), DENSE.withMaxTime(Duration.ofNanos(1)));
      assertThat(generation.finish()).isEqualTo(FinishReason.TIME_UP);
      assertThat(generation.text()).isEmpty();
    }
    assertThatThrownBy(() -> DENSE.withMaxTime(Duration.ZERO)).hasMessageContaining("positive");
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void aSavedTextGoesOnAfterARestart(KvType type, @TempDir Path folder) {
    Sheet sheet = Sheet.of(20, 3);
    Path file = folder.resolve("text.kv");
    int[] text;
    int saved;
    try (Resa resa = builder().kvType(type).build()) {
      int[] prompt = resa.tokenizer().encode(sheet.prompt(), true);
      Generation begun =
          resa.submit(new GenerationRequest(Prompt.tokens(prompt), DENSE.withMaxTokens(200)))
              .join();
      text = IntStream.concat(IntStream.of(prompt), IntStream.of(begun.tokenIds())).toArray();
      saved = resa.saveCache(file, text);
      // All but the last, which no pass has seen.
      assertThat(saved).isEqualTo(text.length - 1);
    }
    try (Resa resa = builder().kvType(type).build()) {
      assertThat(resa.restoreCache(file)).containsExactly(Arrays.copyOf(text, saved));
      Generation goesOn = resa.submit(new GenerationRequest(Prompt.tokens(text), DENSE)).join();
      assertThat(goesOn.usage().cachedTokens()).isEqualTo(saved);
      int[] all =
          IntStream.concat(Arrays.stream(text, 184, text.length), IntStream.of(goesOn.tokenIds()))
              .toArray();
      assertThat(resa.tokenizer().decode(all, 0, all.length, false).strip())
          .isEqualTo(sheet.text());
    }
    try (Resa other = Resa.builder(SHIPPED).engine("jvm").contextLength(1024).build()) {
      assertThatThrownBy(() -> other.restoreCache(file))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("was saved with");
    }
  }

  @Test
  void aCacheThatHoldsNoContextIsRefusedWithTheNumbers() {
    assertThatThrownBy(() -> builder().cacheMemory(100_000).build())
        .isInstanceOfSatisfying(
            LimitException.class,
            e -> {
              assertThat(e.limit()).isEqualTo(100_000);
              assertThat(e.settings()).contains(Setting.CACHE_MEMORY);
              assertThat(e).hasMessageContaining("context of 1024");
              try (Resa resa = builder().cacheMemory(e.asked()).sequences(3).build()) {
                assertThat(resa.info().engine().cacheBytes()).isEqualTo(e.asked());
              }
            });
  }

  /** What is saved of a text of a hundred tokens. */
  private static int[] saved(Path model, Path file) {
    try (Resa resa = Resa.builder(model).engine("jvm").contextLength(200).blockSize(16).build()) {
      int[] prompt = resa.tokenizer().encode("#17 add 5, take 3", true);
      int tokens = 200 - prompt.length;
      Generation written =
          resa.submit(
                  new GenerationRequest(
                      Prompt.tokens(prompt),
                      DENSE.withMaxTokens(tokens).withStopAtEndOfText(false)))
              .join();
      int[] text =
          IntStream.concat(IntStream.of(prompt), IntStream.of(written.tokenIds())).toArray();
      // The context is full, and so is the cache; reading needs no room.
      assertThat(resa.saveCache(file, text)).isEqualTo(199);
      assertThat(resa.restoreCache(file)).hasSize(199);
      // Asked again, all but a token are taken over, in the page itself.
      Generation again =
          resa.submit(
                  new GenerationRequest(
                      Prompt.tokens(Arrays.copyOf(text, 150)), DENSE.withMaxTokens(3)))
              .join();
      assertThat(again.usage().cachedTokens()).isEqualTo(149);
      return text;
    }
  }

  @Test
  void aCacheIsRefusedWhereOneWeightIsAnother(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("text.kv");
    Path model = Files.createDirectory(folder.resolve("model"));
    try (Stream<Path> files = Files.list(SHIPPED)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Files.copy(each, model.resolve(each.getFileName()));
      }
    }
    saved(model, file);
    Path weights;
    try (Stream<Path> files = Files.list(model)) {
      weights = files.filter(each -> each.toString().endsWith(".safetensors")).findAny().get();
    }
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length * 2 / 3] ^= 1;
    Files.write(weights, bytes);
    try (Resa resa = Resa.builder(model).engine("jvm").contextLength(200).blockSize(16).build()) {
      assertThatThrownBy(() -> resa.restoreCache(file))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("other weights");
      bytes[bytes.length / 2] ^= 1;
      Files.write(weights, bytes);
      assertThatThrownBy(() -> resa.saveCache(file, new int[] {1}))
          .hasMessageContaining(weights.getFileName().toString());
    }
  }

  @Test
  void aSavedFileTakesThePlaceOfAFileAndOfNothingElse(@TempDir Path folder) throws Exception {
    Path target = Files.createFile(folder.resolve("target.kv"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
    Path link = Files.createSymbolicLink(folder.resolve("link.kv"), target);
    int[] text = saved(SHIPPED, link);
    assertThat(link).isSymbolicLink();
    assertThat(Files.size(target)).isPositive();
    assertThat(Files.getPosixFilePermissions(target))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    assertThat(CacheFiles.tokens(target)).containsExactly(Arrays.copyOf(text, 199));
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (Resa resa = Resa.builder(SHIPPED).engine("jvm").contextLength(200).blockSize(16).build()) {
      resa.restoreCache(target);
      for (Path wrong : List.of(pipe, folder)) {
        assertThatThrownBy(() -> resa.restoreCache(wrong)).hasMessageContaining("no regular file");
        assertThatThrownBy(() -> resa.saveCache(wrong, text))
            .hasMessageContaining("no regular file");
      }
      assertThatThrownBy(() -> resa.saveCache(Path.of("/"), text))
          .isInstanceOf(InputException.class);
      assertThatThrownBy(() -> resa.saveCache(folder.resolve("no/x.kv"), text))
          .hasMessageContaining("there is no directory");
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("target.kv", "link.kv", "pipe");
    }
    assertThatThrownBy(() -> builder().cacheMemory(0).build()).hasMessageContaining("cacheMemory");
  }
}
