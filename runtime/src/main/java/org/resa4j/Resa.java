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
import org.resa4j.engine.Engines;
import org.resa4j.engine.KvType;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.DecodeLoop;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Metrics;
import org.resa4j.generate.Rectification;
import org.resa4j.generate.ResultListener;
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
  private final Checkpoint checkpoint;
  private final Engine engine;
  private final DecodeLoop loop;
  private Metrics metrics;

  private Resa(Checkpoint checkpoint, Engine engine) {
    this.checkpoint = checkpoint;
    this.engine = engine;
    loop = new DecodeLoop(engine, checkpoint.model().config().vocabulary());
  }

  /**
   * Starts to build.
   *
   * @param model a Hugging Face directory
   * @throws InputException if the model cannot be used
   */
  public static Builder builder(Path model) {
    return new Builder(Checkpoint.load(model));
  }

  /** Starts to build from a model that is loaded already, to be closed with the result. */
  public static Builder builder(Checkpoint checkpoint) {
    return new Builder(checkpoint);
  }

  /** Settings of a {@link Resa}; each has the default that its method names. */
  public static final class Builder {
    private final Checkpoint checkpoint;
    private Optional<String> engine = Optional.empty();
    private Optional<String> device = Optional.empty();
    private Optional<KvType> kvType = Optional.empty();
    private Optional<Integer> contextLength = Optional.empty();
    private int sequences = 1;
    private int blockSize = 16;
    private int threads;
    private boolean profile;

    private Builder(Checkpoint checkpoint) {
      this.checkpoint = checkpoint;
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
     * Puts the model on the device.
     *
     * @throws InputException if there is no such engine, or the context is more than the model's
     * @throws DeviceException if there is no such device, or it lacks memory
     */
    public Resa build() {
      Model model = checkpoint.model();
      int trained = model.config().maxContext();
      int context = contextLength.orElse(Math.min(8192, trained));
      if (context > trained) {
        throw new InputException(
            "a context of %d tokens is more than the %d that %s was trained for: lower -c/--ctx-size"
                .formatted(context, trained, model.name()));
      }
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
      return new Resa(checkpoint, Engines.find(engine, device).open(model, options));
    }
  }

  public Model model() {
    return checkpoint.model();
  }

  public EngineInfo info() {
    return engine.info();
  }

  public Tokenizer tokenizer() {
    return checkpoint.tokenizer();
  }

  /** The model's own chat template, where it comes with one. */
  public Optional<ChatTemplate> chatTemplate() {
    return checkpoint.chatTemplate();
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
    return generate(
            List.of(tokenizer().encode(prompt, true)), options, List.of(onText), cancellation)
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
    Set<Integer> stopTokens = options.stopAtEndOfText() ? model().config().endOfText() : Set.of();
    for (int i = 0; i < prompts.size(); i++) {
      if (prompts.get(i).length == 0) {
        throw new InputException("the prompt is empty");
      }
      TextStream stream =
          new TextStream(
              new StreamDecoder(tokenizer(), false),
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
              stream::onToken,
              options.measureDrift()));
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

  /**
   * Writes texts that each have settings of their own, in tokens. {@link #metrics()} stays with the
   * calls of {@code generate}.
   *
   * @param requests in any number, more than sequences too; their block size must be this one's
   * @param listener hears each text that has ended, and none that was cancelled
   * @return a result for each request, in order
   * @throws InputException if a prompt does not fit the context
   */
  public List<DecodeResult> decode(
      List<DecodeRequest> requests, Cancellation cancellation, ResultListener listener) {
    return loop.run(requests, cancellation, listener);
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
        results.stream()
            .map(DecodeResult::rectification)
            .reduce(Rectification.NONE, Rectification::plus),
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
    checkpoint.tokenizer().close();
  }
}
