package org.resa4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;
import org.resa4j.engine.KvType;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.DecodeLoop;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Metrics;
import org.resa4j.model.HuggingFace;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.StopStrings;
import org.resa4j.tokenizer.StreamDecoder;
import org.resa4j.tokenizer.Tokenizer;

/**
 * A language model that writes long texts with Rectified Sparse Attention.
 *
 * <pre>{@code
 * try (Resa resa = Resa.builder(Path.of("Qwen2.5-7B-Instruct")).contextLength(32768).build()) {
 *   resa.generate("Once upon a time", GenerationOptions.DEFAULT, System.out::print);
 * }
 * }</pre>
 *
 * <p>One call at a time; {@link Cancellation} may come from any thread.
 */
public final class Resa implements AutoCloseable {
  private final Model model;
  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> chatTemplate;
  private final Engine engine;
  private final DecodeLoop loop;
  private Metrics metrics;

  private Resa(
      Model model, Tokenizer tokenizer, Optional<ChatTemplate> chatTemplate, Engine engine) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.chatTemplate = chatTemplate;
    this.engine = engine;
    loop = new DecodeLoop(engine, model.config().vocabulary());
  }

  /**
   * Starts to build.
   *
   * @param model a Hugging Face directory
   */
  public static Builder builder(Path model) {
    return new Builder(model);
  }

  /** Settings of a {@link Resa}; each has the default that its method names. */
  public static final class Builder {
    private final Path directory;
    private Optional<String> engine = Optional.empty();
    private Optional<String> device = Optional.empty();
    private Optional<KvType> kvType = Optional.empty();
    private Optional<Integer> contextLength = Optional.empty();
    private int sequences = 1;
    private int blockSize = 16;
    private int threads;
    private boolean profile;

    private Builder(Path directory) {
      this.directory = directory;
    }

    /** {@code jvm} or {@code tornado}; by default the first that has a device. */
    public Builder engine(String name) {
      engine = Optional.of(name);
      return this;
    }

    /** A device's id, as {@code resa devices} lists them; by default the engine's first. */
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
     * trained for.
     */
    public Builder contextLength(int tokens) {
      contextLength = Optional.of(tokens);
      return this;
    }

    /** Sequences written at once; by default 1. */
    public Builder sequences(int count) {
      sequences = count;
      return this;
    }

    /** Tokens in a block of attention; by default 16. */
    public Builder blockSize(int tokens) {
      blockSize = tokens;
      return this;
    }

    /** Threads of the JVM engine; by default every core. */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /** Whether {@link Metrics#stages()} is measured; by default not. */
    public Builder profile(boolean on) {
      profile = on;
      return this;
    }

    /**
     * Loads the model and puts it on the device.
     *
     * @throws InputException if the model cannot be used
     * @throws DeviceException if there is no such engine or device, or it lacks memory
     */
    public Resa build() {
      Model model = HuggingFace.load(directory);
      int trained = model.config().maxContext();
      int context = contextLength.orElse(Math.min(8192, trained));
      if (context > trained) {
        throw new InputException(
            "a context of %d tokens is more than the %d that %s was trained for: lower -c/--ctx-size"
                .formatted(context, trained, model.name()));
      }
      EngineProvider provider = Engines.find(engine, device);
      EngineOptions options =
          new EngineOptions(
              device,
              kvType,
              sequences,
              context,
              blockSize,
              Math.min(128, context),
              threads,
              profile);
      Tokenizer tokenizer = Tokenizer.load(directory);
      try {
        return new Resa(
            model, tokenizer, ChatTemplate.load(directory), provider.open(model, options));
      } catch (RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    }
  }

  public Model model() {
    return model;
  }

  public EngineInfo info() {
    return engine.info();
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The model's own chat template, where it comes with one. */
  public Optional<ChatTemplate> chatTemplate() {
    return chatTemplate;
  }

  /** Writes one text; {@code onText} hears it as it comes, in whole characters. */
  public Generation generate(String prompt, GenerationOptions options, Consumer<String> onText) {
    return generate(prompt, options, onText, new Cancellation());
  }

  /** The same, to be cancelled from another thread. */
  public Generation generate(
      String prompt,
      GenerationOptions options,
      Consumer<String> onText,
      Cancellation cancellation) {
    return generate(List.of(tokenizer.encode(prompt, true)), options, List.of(onText), cancellation)
        .getFirst();
  }

  /**
   * Writes several texts at once.
   *
   * @param prompts token ids of each
   * @param onText one for each prompt
   * @return the texts, in order
   * @throws InputException if a prompt is empty or does not fit the context
   */
  public List<Generation> generate(
      List<int[]> prompts,
      GenerationOptions options,
      List<Consumer<String>> onText,
      Cancellation cancellation) {
    List<TextStream> streams = new ArrayList<>();
    List<DecodeRequest> requests = new ArrayList<>();
    Set<Integer> stopTokens = options.stopAtEndOfText() ? model.config().endOfText() : Set.of();
    for (int i = 0; i < prompts.size(); i++) {
      if (prompts.get(i).length == 0) {
        throw new InputException("the prompt is empty");
      }
      TextStream stream =
          new TextStream(
              new StreamDecoder(tokenizer, false),
              new StopStrings(options.stopStrings()),
              onText.get(i));
      streams.add(stream);
      requests.add(
          new DecodeRequest(
              prompts.get(i),
              options.maxTokens(),
              options.attention(),
              options.sampling(),
              stopTokens,
              stream::onToken));
    }
    List<DecodeResult> results = loop.run(requests, cancellation);
    List<Generation> generations = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      DecodeResult result = results.get(i);
      String text = streams.get(i).finish();
      generations.add(new Generation(text, result.tokens(), result.finish()));
    }
    metrics = metrics(prompts, results);
    return generations;
  }

  private Metrics metrics(List<int[]> prompts, List<DecodeResult> results) {
    long kept = results.stream().mapToLong(DecodeResult::blocksKept).sum();
    long seen = results.stream().mapToLong(DecodeResult::blocksSeen).sum();
    return new Metrics(
        prompts.stream().mapToInt(prompt -> prompt.length).sum(),
        results.stream().mapToInt(result -> result.tokens().length).sum(),
        results.getFirst().timeToFirstTokenNanos(),
        loop.times(),
        engine.stageTimes(),
        seen == 0 ? 1 : (double) kept / seen,
        engine.info().cacheBytes(),
        engine.info().weightBytes());
  }

  /**
   * What the last call cost; empty before the first. Stage times are since the engine was opened.
   */
  public Optional<Metrics> metrics() {
    return Optional.ofNullable(metrics);
  }

  @Override
  public void close() {
    engine.close();
    tokenizer.close();
  }
}
