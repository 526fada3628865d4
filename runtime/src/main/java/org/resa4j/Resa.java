package org.resa4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.CacheFiles;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines;
import org.resa4j.engine.KvType;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StageTimes;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.error.Setting;
import org.resa4j.format.WeightAccess;
import org.resa4j.generate.Crossover;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.RandomCache;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.QuantisedModel;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Message;
import org.resa4j.tokenizer.StopStrings;
import org.resa4j.tokenizer.StreamDecoder;
import org.resa4j.tokenizer.Tokenizer;

/**
 * A language model that writes long texts with Rectified Sparse Attention.
 *
 * <pre>{@code
 * try (Resa resa = Resa.builder(Path.of("Qwen2.5-7B-Instruct")).contextLength(32768).build()) {
 *   resa.generate("Once upon a time", resa.defaults(), System.out::print);
 * }
 * }</pre>
 *
 * <p>Thread-safe: any thread may call at any time. Texts wait for a free sequence, of which there
 * is one unless the builder is told otherwise. Methods that write or return text throw {@link
 * org.resa4j.error.DeviceException} if the device fails, and {@link IllegalStateException} if this
 * is closed.
 */
public final class Resa implements AutoCloseable {
  private static final int DEFAULT_TOKENS = 2048;
  private static final int DEFAULT_CONTEXT = 8192;
  private static final int DEFAULT_QUEUE = 1024;

  /**
   * Tells of results, on platform threads, which no busy virtual one of the application can hold
   * up. They are used again: a new one for each text would take, and waste, a part of the heap.
   */
  private static final Executor RESULTS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          1,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("resa-result").factory());

  private final Checkpoint checkpoint;
  private final boolean ownsCheckpoint;
  private final EngineThread engine;
  private final CacheFiles cacheFiles;
  private final ResaInfo info;
  private final GenerationOptions defaults;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Resa(
      Checkpoint checkpoint,
      boolean ownsCheckpoint,
      EngineThread engine,
      ResaInfo info,
      GenerationOptions defaults) {
    this.checkpoint = checkpoint;
    this.ownsCheckpoint = ownsCheckpoint;
    this.engine = engine;
    cacheFiles = new CacheFiles(checkpoint.model(), engine.info(), engine);
    this.info = info;
    this.defaults = defaults;
  }

  /**
   * Starts to build.
   *
   * @param model a Hugging Face directory or a GGUF file, which {@link Builder#build} loads
   */
  public static Builder builder(Path model) {
    return new Builder(Optional.of(model), Optional.empty());
  }

  /** Starts to build from a model that is loaded already, and stays the caller's to close. */
  public static Builder builder(Checkpoint checkpoint) {
    return new Builder(Optional.empty(), Optional.of(checkpoint));
  }

  /** Settings of a {@link Resa}; each has the default that its method names. */
  public static final class Builder {
    private final Optional<Path> directory;
    private final Optional<Checkpoint> loaded;
    private Optional<String> engine = Optional.empty();
    private Optional<String> device = Optional.empty();
    private Optional<KvType> kvType = Optional.empty();
    private Optional<Integer> contextLength = Optional.empty();
    private Optional<Integer> blockSize = Optional.empty();
    private int sequences = 1;
    private OptionalLong cacheMemory = OptionalLong.empty();
    private int queueCapacity = DEFAULT_QUEUE;
    private int threads;
    private boolean profile;
    private WeightAccess weightAccess = WeightAccess.MAPPED;
    private Optional<DType> weights = Optional.empty();
    private OpenProgress progress = OpenProgress.NONE;

    private Builder(Optional<Path> directory, Optional<Checkpoint> loaded) {
      this.directory = directory;
      this.loaded = loaded;
    }

    /** {@code jvm} or {@code tornado}; by default the one of the device. */
    public Builder engine(String name) {
      engine = Optional.of(name);
      return this;
    }

    /** A device's id, {@link Engines#choices}; by default the one that is likely the fastest. */
    public Builder device(String id) {
      device = Optional.of(id);
      return this;
    }

    /** Format of the KV cache; by default what suits the device. */
    public Builder kvType(KvType type) {
      kvType = Optional.of(type);
      return this;
    }

    /**
     * Tokens that a sequence can hold, prompt included; by default 8192 or what the model was
     * trained for. With dynamic position scaling or LongRoPE, a context longer than the trained one
     * turns all keys by other frequencies, those of its length.
     */
    public Builder contextLength(int tokens) {
      contextLength = Optional.of(tokens);
      return this;
    }

    /** Texts written at once; by default 1. */
    public Builder sequences(int count) {
      sequences = count;
      return this;
    }

    /**
     * Memory for the KV cache; by default what whole contexts of all texts written at once take.
     * With less, texts that do not fit beside each other wait; what is more keeps what was written,
     * for prompts that begin alike.
     *
     * @param bytes at least what one context takes
     */
    public Builder cacheMemory(long bytes) {
      cacheMemory = OptionalLong.of(bytes);
      return this;
    }

    /** Texts that may wait for their turn; by default 1024. */
    public Builder queueCapacity(int count) {
      queueCapacity = count;
      return this;
    }

    /** Tokens in a block of attention; by default the model's {@code resa.json}'s, or 16. */
    public Builder blockSize(int tokens) {
      blockSize = Optional.of(tokens);
      return this;
    }

    /** Threads of the JVM engine; by default every core. */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /** How the weights of a directory are brought into memory; by default mapped. */
    public Builder weightAccess(WeightAccess access) {
      weightAccess = Objects.requireNonNull(access, "a way to bring weights into memory");
      return this;
    }

    /**
     * Quantises the matrices of a model in 16 or 32 bits as they are loaded, to Q8_0 or Q4_0; by
     * default they stay as they are.
     *
     * @throws IllegalArgumentException for another format, or a model that is loaded already
     */
    public Builder weights(DType type) {
      QuantisedModel.check(type);
      if (loaded.isPresent()) {
        throw new IllegalArgumentException(
            "the model is loaded already; Checkpoint.load quantises as well");
      }
      weights = Optional.of(type);
      return this;
    }

    /** Whether {@link Resa#stageTimes()} is measured; by default not. */
    public Builder profile(boolean on) {
      profile = on;
      return this;
    }

    /** Hears how far {@link #build} is, on a thread of its own; by default nobody does. */
    public Builder onProgress(OpenProgress listener) {
      progress = listener;
      return this;
    }

    /**
     * Puts the model on the device.
     *
     * @throws InputException if the model cannot be used, or there is no such engine
     * @throws LimitException if the context is more than the model was trained for
     * @throws org.resa4j.error.DeviceException if there is no such device, or it lacks memory
     * @throws IllegalArgumentException for a count out of range
     */
    public Resa build() {
      Checkpoint checkpoint =
          loaded.orElseGet(() -> Checkpoint.load(directory.orElseThrow(), weightAccess, weights));
      try {
        return build(checkpoint);
      } catch (RuntimeException | Error e) {
        if (loaded.isEmpty()) {
          checkpoint.close();
        }
        throw e;
      }
    }

    private Resa build(Checkpoint checkpoint) {
      Model model = checkpoint.model();
      ModelDefaults defaults = checkpoint.defaults();
      ResaConfig attention = defaults.attention();
      int block = blockSize.orElse(attention.blockSize());
      if (cacheMemory.isPresent() && cacheMemory.getAsLong() < 1) {
        throw new IllegalArgumentException(
            "cacheMemory must be positive, was " + cacheMemory.getAsLong());
      }
      if (queueCapacity < 0) {
        throw new IllegalArgumentException(
            "queueCapacity must not be negative, was " + queueCapacity);
      }
      EngineOptions options = options(context(model), block);
      Engines.Choice on = Engines.choose(engine, device);
      EngineOptions onDevice = options.withDevice(on.device().id());
      checkpoint.retain();
      try {
        checkpoint.checkUnchanged();
        Opening opening = new Opening(progress, Opening.PATIENCE);
        EngineThread thread =
            new EngineThread(
                () -> on.provider().open(model, onDevice, opening),
                opening,
                model.config().vocabulary(),
                (int) Math.min(Integer.MAX_VALUE, (long) sequences + queueCapacity));
        return new Resa(
            checkpoint,
            loaded.isEmpty(),
            thread,
            new ResaInfo(
                model.name(),
                model.config(),
                model.parameters(),
                thread.info(),
                origins(defaults, options)),
            new GenerationOptions(
                DEFAULT_TOKENS, attention.withBlockSize(block), defaults.sampling()));
      } catch (RuntimeException | Error e) {
        checkpoint.release();
        throw e;
      }
    }

    private EngineOptions options(int context, int block) {
      EngineOptions options =
          EngineOptions.of(context)
              .withSequences(sequences)
              .withBlockSize(block)
              .withEncodeTokens(Math.min(128, context))
              .withThreads(threads)
              .withProfile(profile);
      if (kvType.isPresent()) {
        options = options.withKvType(kvType.get());
      }
      return cacheMemory.isPresent() ? options.withCacheBytes(cacheMemory.getAsLong()) : options;
    }

    private int context(Model model) {
      int trained = model.config().maxContext();
      int context =
          contextLength.orElse(Math.min(DEFAULT_CONTEXT, model.config().unextendedContext()));
      if (context > trained) {
        throw new LimitException(
            "a context of %d tokens is more than the %d that %s was trained for"
                .formatted(context, trained, model.name()),
            context,
            trained,
            List.of(Setting.CONTEXT_LENGTH));
      }
      return context;
    }

    private List<SettingOrigin> origins(ModelDefaults defaults, EngineOptions options) {
      List<SettingOrigin> origins = new ArrayList<>();
      for (SettingOrigin each : defaults.settings()) {
        origins.add(
            each.name().equals("block_size") && blockSize.isPresent()
                ? new SettingOrigin(each.name(), blockSize.get().toString(), SettingOrigin.BUILDER)
                : each);
      }
      origins.add(
          new SettingOrigin(
              "context_length",
              Integer.toString(options.contextLength()),
              contextLength.isPresent() ? SettingOrigin.BUILDER : SettingOrigin.DEFAULT));
      return origins;
    }
  }

  /** What this is, and where its settings came from. */
  public ResaInfo info() {
    return info;
  }

  /**
   * Measures from which length on sparse steps, with the rectification or verification that they
   * bring, take less time than dense ones, with as many sequences as this has. Measures until times
   * fall no more, as they do while the virtual machine compiles: up to six seconds, or the time of
   * some twenty steps where that is more. Times differ from one measurement to the next, and so may
   * texts: one that is to come out again is given the number.
   *
   * @return tokens, for {@link ResaConfig#withSparseFrom}; one more than the context holds where
   *     dense steps are always faster
   * @throws IllegalArgumentException if the settings have another block size than this
   * @throws org.resa4j.error.BusyException if texts in the making leave no room for a context
   */
  public int measureSparseFrom(ResaConfig attention) {
    int block = info.engine().options().blockSize();
    if (attention.blockSize() != block) {
      throw new IllegalArgumentException(
          "blocks of %d tokens, where the cache has blocks of %d"
              .formatted(attention.blockSize(), block));
    }
    checkRectification(attention);
    RandomCache contents = new RandomCache(info.model(), info.engine().options().encodeTokens());
    return engine.ask((on, cache) -> Crossover.measure(on, cache, contents, attention));
  }

  /** How busy it is; returns at once. */
  public EngineLoad load() {
    return engine.load();
  }

  /** How texts are written by default: what the model's files say, and 2048 tokens at the most. */
  public GenerationOptions defaults() {
    return defaults;
  }

  /** Text to tokens and back. */
  public Tokenizer tokenizer() {
    return checkpoint.tokenizer();
  }

  /** The model's own chat template, where it comes with one. */
  public Optional<ChatTemplate> chatTemplate() {
    return checkpoint.chatTemplate();
  }

  /**
   * Writes a text with the model's defaults; returns when it has ended.
   *
   * @throws InputException if the prompt is empty
   * @throws LimitException if it does not fit the context
   */
  public Generation generate(String prompt) {
    return generate(prompt, defaults);
  }

  /**
   * Writes a text; returns when it has ended.
   *
   * @throws InputException if the prompt is empty
   * @throws LimitException if it does not fit the context
   * @throws IllegalArgumentException if the options ask for another block size than this has
   */
  public Generation generate(String prompt, GenerationOptions options) {
    return submit(new GenerationRequest(Prompt.text(prompt), options)).join();
  }

  /**
   * The same; {@code onText} hears it as it comes, in whole characters, on the calling thread. An
   * interrupt of the thread, or an exception of {@code onText}, cancels the text.
   */
  public Generation generate(String prompt, GenerationOptions options, Consumer<String> onText) {
    return stream(new GenerationRequest(Prompt.text(prompt), options), onText);
  }

  /**
   * Answers a conversation, written out by the model's chat template; returns when it has ended.
   *
   * @throws InputException if the model has no chat template, or it refuses the conversation
   * @throws LimitException if the conversation does not fit the context
   * @throws IllegalArgumentException for no messages, or another block size than this has
   */
  public Generation chat(List<Message> messages, GenerationOptions options) {
    return submit(new GenerationRequest(Prompt.chat(messages), options)).join();
  }

  /** The same, heard as it comes; see {@link #generate(String, GenerationOptions, Consumer)}. */
  public Generation chat(
      List<Message> messages, GenerationOptions options, Consumer<String> onText) {
    return stream(new GenerationRequest(Prompt.chat(messages), options), onText);
  }

  private Generation stream(GenerationRequest request, Consumer<String> onText) {
    GenerationHandle handle = submit(request);
    try {
      for (Iterator<GeneratedToken> tokens = handle.iterator(); tokens.hasNext(); ) {
        String part = tokens.next().text();
        if (!part.isEmpty()) {
          onText.accept(part);
        }
      }
    } catch (GenerationHandle.InterruptedWait e) {
      // What was written up to here is the result.
      handle.cancel();
    } catch (RuntimeException | Error e) {
      handle.cancel();
      throw e;
    }
    return handle.join();
  }

  /**
   * Starts to write a text. All that can be wrong with the request is found here.
   *
   * @return the text in the making
   * @throws InputException if the prompt is empty, or the model has no chat template for a
   *     conversation, or it refuses it
   * @throws LimitException if the prompt does not fit the context
   * @throws IllegalArgumentException if the options ask for another block size than this has, or
   *     for a trace where the engine does not tell which blocks it reads
   * @throws org.resa4j.error.BusyException if as many texts wait as may, {@link
   *     Builder#queueCapacity}
   */
  public GenerationHandle submit(GenerationRequest request) {
    if (closed.get()) {
      throw new IllegalStateException("the Resa is closed");
    }
    GenerationOptions options = request.options();
    if (info.engine().weightsInPlace()) {
      checkpoint.checkUnchanged();
    }
    int[] prompt = encode(request.prompt(), options);
    check(prompt, options.attention());
    checkTrace(options);
    GenerationHandle handle = new GenerationHandle();
    Set<Integer> specialStops = specialStops(options.stopStrings());
    specialStops.addAll(options.stopTokens());
    Set<Integer> stopTokens = new HashSet<>(specialStops);
    if (options.stopAtEndOfText()) {
      stopTokens.addAll(info.model().endOfText());
    }
    TextStream text =
        new TextStream(
            new StreamDecoder(tokenizer(), false),
            new StopStrings(options.stopStrings()),
            stopTokens,
            handle);
    engine
        .decode(
            new DecodeRequest(
                prompt,
                options.maxTokens(),
                options.attention(),
                options.sampling(),
                stopTokens,
                text,
                options.measureDrift(),
                options.logProbabilities(),
                options.priority(),
                options.maxTime(),
                handle.cancellation(),
                options.tokenFilter(),
                options.trace()))
        // What hangs on the result may take its time; the engine's thread may not.
        .whenCompleteAsync(
            (result, failure) -> {
              if (failure != null) {
                handle.fail(explained(failure));
              } else {
                handle.complete(generation(prompt, result, text, specialStops));
              }
            },
            RESULTS);
    return handle;
  }

  /**
   * The same, heard as it comes.
   *
   * @param listener on a virtual thread of its own
   */
  public GenerationHandle submit(GenerationRequest request, GenerationListener listener) {
    Objects.requireNonNull(listener, "a listener");
    GenerationHandle handle = submit(request);
    Thread.ofVirtual().name("resa-listener").start(() -> tell(handle, listener));
    return handle;
  }

  private static void tell(GenerationHandle handle, GenerationListener listener) {
    Generation generation;
    try {
      for (GeneratedToken token : handle) {
        listener.onToken(token);
      }
      generation = handle.join();
    } catch (RuntimeException | Error e) {
      handle.cancel();
      listener.onFailure(e);
      return;
    }
    listener.onComplete(generation);
  }

  private int[] encode(Prompt prompt, GenerationOptions options) {
    return switch (prompt) {
      case Prompt.Text text -> tokenizer().encode(text.text(), true);
      case Prompt.Tokens tokens -> tokens.ids();
      // The template writes out the special tokens itself.
      case Prompt.Chat chat ->
          tokenizer()
              .encode(
                  chatTemplate()
                      .orElseThrow(
                          () -> new InputException(info.modelName() + " has no chat template"))
                      .render(chat.messages(), true, options.templateVariables()),
                  false);
    };
  }

  private void checkTrace(GenerationOptions options) {
    if (options.trace().isPresent() && !info.engine().tellsSelections()) {
      throw new IllegalArgumentException(
          "a trace is asked for, and %s does not tell which blocks it reads"
              .formatted(info.engine().device().id()));
    }
  }

  private void checkRectification(ResaConfig attention) {
    EngineInfo engine = info.engine();
    if (attention.rectifyKeep() < 1 && !engine.encodesSelections()) {
      throw new InputException(
          "a rectification over %s of the blocks is asked for, and %s rectifies over all of them: 1"
              .formatted(attention.rectifyKeep(), engine.device().id()),
          List.of(Setting.RECTIFY_KEEP, Setting.ENGINE));
    }
  }

  private void check(int[] prompt, ResaConfig attention) {
    if (prompt.length == 0) {
      throw new InputException("the prompt is empty");
    }
    for (int token : prompt) {
      if (token < 0 || token >= info.model().vocabulary()) {
        throw new InputException(
            "the prompt has token %d, the vocabulary ends at %d"
                .formatted(token, info.model().vocabulary() - 1));
      }
    }
    EngineOptions options = info.engine().options();
    int context = options.contextLength();
    int trained = info.model().maxContext();
    if (prompt.length > context) {
      throw new LimitException(
          prompt.length <= trained
              ? "the prompt has %d tokens, the context holds %d".formatted(prompt.length, context)
              : "the prompt has %d tokens, %s was trained for %d"
                  .formatted(prompt.length, info.modelName(), trained),
          prompt.length,
          Math.min(context, trained),
          // A longer context than the model's is not to be had.
          prompt.length <= trained ? List.of(Setting.CONTEXT_LENGTH) : List.of());
    }
    if (attention.blockSize() != options.blockSize()) {
      throw new IllegalArgumentException(
          "the options ask for blocks of %d tokens, this was built with blocks of %d"
              .formatted(attention.blockSize(), options.blockSize()));
    }
    checkRectification(attention);
  }

  /**
   * Special tokens among the stop strings: they are never part of the text, so it cannot show them.
   */
  private Set<Integer> specialStops(List<String> stops) {
    Set<Integer> special = new HashSet<>();
    for (String stop : stops) {
      OptionalInt id = tokenizer().tokenId(stop);
      if (id.isPresent() && tokenizer().isSpecial(id.getAsInt())) {
        special.add(id.getAsInt());
      }
    }
    return special;
  }

  /** Names the weight that is no number where the model's are at fault. */
  private Throwable explained(Throwable failure) {
    if (!(failure instanceof NonFiniteException)) {
      return failure;
    }
    try {
      return checkpoint
          .model()
          .nonFiniteWeight()
          .<Throwable>map(
              weight ->
                  new NonFiniteException(
                      "%s: %s is NaN or infinite, and so are the logits: the file is damaged, or the"
                              .formatted(info.modelName(), weight)
                          + " model was saved after its training had failed",
                      List.of(Setting.MODEL)))
          .orElse(failure);
    } catch (IllegalStateException e) {
      // Closed meanwhile.
      return failure;
    }
  }

  private Generation generation(
      int[] prompt, DecodeResult result, TextStream text, Set<Integer> specialStops) {
    boolean stopped =
        result.finish() == FinishReason.END_OF_TEXT
            && specialStops.contains(result.tokens()[result.tokens().length - 1]);
    return new Generation(
        text.text(),
        text.tokens(),
        stopped ? FinishReason.STOP_STRING : result.finish(),
        new Usage(
            prompt.length,
            result.cachedTokens(),
            result.tokens().length,
            result.queueNanos(),
            result.timeToFirstTokenNanos(),
            result.times(),
            result.blocksKept(),
            result.blocksSeen(),
            result.rectification(),
            result.verifications()));
  }

  /**
   * Saves the cached K and V of a text, so that it can be gone on with later, {@link
   * #restoreCache}: as much of it, from its beginning, as is in the cache and was written by dense
   * passes, which is also what a prompt that goes on with it takes over. Texts in the making go on
   * meanwhile. The first time, all weights are read, for the file to say which they are.
   *
   * @param tokens the text's, prompt included; such as a prompt's {@link Tokenizer#encode} and
   *     {@link Generation#tokenIds()}
   * @return how many of them were saved
   * @throws InputException if nothing of it is cached, the model's files have changed, or the file
   *     cannot be written; one that was there is still there then
   */
  public int saveCache(Path file, int[] tokens) {
    int[] own = tokens.clone();
    checkpoint.checkUnchanged();
    return cacheFiles.save(file, own);
  }

  /**
   * Brings a saved text's K and V into the cache, where prompts that begin with it find them;
   * {@link Usage#cachedTokens()} says how much they took over. Texts in the making go on meanwhile;
   * what is cached of others that have ended may be given up.
   *
   * @return the text's tokens that are cached now
   * @throws InputException if the file cannot be read, is damaged, or was saved with another model
   *     or other settings, with the reason, or if there is no room beside the texts in the making;
   *     then nothing has changed
   */
  public int[] restoreCache(Path file) {
    checkpoint.checkUnchanged();
    return cacheFiles.restore(file);
  }

  /** Times by stage since this was built; all 0 unless it was built with {@code profile}. */
  public StageTimes stageTimes() {
    return engine.ask((each, scheduler) -> each.stageTimes());
  }

  /**
   * Ends what is being written, with {@link IllegalStateException} for those who wait for it, and
   * gives everything back. Waits for the call that the device is busy with, one step or one chunk
   * of a prompt; so does a second call meanwhile. After that it does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed.compareAndSet(false, true)) {
      engine.close();
      checkpoint.release();
      if (ownsCheckpoint) {
        checkpoint.close();
      }
    }
  }
}
