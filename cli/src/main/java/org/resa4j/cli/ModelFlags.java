package org.resa4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.resa4j.Checkpoint;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engines;
import org.resa4j.engine.KvType;
import org.resa4j.error.InputException;
import org.resa4j.format.WeightAccess;
import org.resa4j.model.DType;
import picocli.CommandLine.Option;

/** Which model, on which device. */
public final class ModelFlags {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description = "Hugging Face directory or GGUF file (default: the model that ships).")
  private Path model;

  @Option(
      names = "--no-mmap",
      description = "Copy the weights into memory, instead of mapping their files.")
  private boolean noMmap;

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description =
          "Quantise a model in 16 or 32 bits as it is loaded: q8 or q4 (default: as it is).")
  private QuantisedTo weights;

  /** What matrices become; see {@link org.resa4j.model.QuantisedModel}. */
  enum QuantisedTo {
    Q8(DType.Q8_0),
    Q4(DType.Q4_0);

    private final DType type;

    QuantisedTo(DType type) {
      this.type = type;
    }
  }

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "jvm or tornado (default: that of the device).")
  private String engine;

  @Option(
      names = "--device",
      paramLabel = "ID",
      description = "As `resa devices` lists them (default: the one that it marks).")
  private String device;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32, f16 or q8 (default: what suits the device).")
  private KvType kvType;

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "TOKENS",
      description =
          "Tokens that the context holds, prompt included (default: what the texts need, in chat"
              + " and for serve 8192; no more than the model's limit).")
  private Integer contextLength;

  @Option(
      names = "--cache-memory",
      paramLabel = "SIZE",
      converter = MemorySize.class,
      description =
          "Memory for the KV cache, such as 2G (default: what the context takes); what is more"
              + " keeps texts for prompts that begin alike.")
  private Long cacheMemory;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads of the JVM engine (default: every core).")
  private Integer threads;

  /**
   * The model's directory or file: the one asked for, or the directory that ships.
   *
   * @throws InputException if that is none, with what to do
   */
  public Path path() {
    return model != null ? ModelPath.check(model) : shipped();
  }

  /**
   * Sets what these flags leave to the process that they came to from another.
   *
   * @param path the model's, in place of the flag's
   * @param count of threads, unless a flag says it
   * @param id finds the device's, unless a flag names it or an engine
   */
  public void set(Path path, OptionalInt count, Optional<Supplier<String>> id) {
    model = path;
    if (threads == null && count.isPresent()) {
      threads = count.getAsInt();
    }
    if (leavesDeviceOpen()) {
      id.ifPresent(found -> device = found.get());
    }
  }

  /**
   * The model that the flags name, loaded.
   *
   * @throws InputException if it cannot be used
   */
  public Checkpoint load() {
    return Checkpoint.load(
        path(),
        noMmap ? WeightAccess.COPIED : WeightAccess.MAPPED,
        Optional.ofNullable(weights).map(to -> to.type));
  }

  /** Whether the device is left to the program. */
  boolean leavesDeviceOpen() {
    return engine == null && device == null;
  }

  /**
   * The device that the flags name, or the one that is taken without them.
   *
   * @throws InputException if there is no such engine
   * @throws org.resa4j.error.DeviceException if there is no such device
   */
  Engines.Choice choice() {
    return Engines.choose(Optional.ofNullable(engine), Optional.ofNullable(device));
  }

  /** Whether no other model was named. */
  public boolean isShipped() {
    return model == null;
  }

  /**
   * The directory of the model that ships.
   *
   * @throws InputException if it is not there
   */
  public static Path shipped() {
    Optional<Path> home = Launcher.home();
    Path directory = home.orElse(Path.of(".")).resolve("models").resolve("clerk");
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          home.isPresent()
              ? directory + ": the model that ships is not there; name a model with -m"
              : "no model: name one with -m, such as one that `resa pull` fetched; the one that"
                  + " ships is in ReSA4J's sources and archives, for ./resa there");
    }
    return directory;
  }

  /**
   * A model on the device that the flags name, to be built.
   *
   * @param wantedContext tokens that the task needs, if known; -c overrides
   * @throws UsageException for a flag outside its range
   */
  public Resa.Builder builder(Checkpoint checkpoint, Optional<Integer> wantedContext) {
    if (threads != null && threads < 1) {
      throw new UsageException("-t/--threads must be at least 1, was " + threads);
    }
    if (contextLength != null && contextLength < 1) {
      throw new UsageException("-c/--ctx-size must be at least 1, was " + contextLength);
    }
    Resa.Builder builder = Resa.builder(checkpoint).onProgress(OpeningLine.standard());
    Optional.ofNullable(threads).ifPresent(builder::threads);
    Optional.ofNullable(engine).ifPresent(builder::engine);
    Optional.ofNullable(device).ifPresent(builder::device);
    Optional.ofNullable(kvType).ifPresent(builder::kvType);
    Optional.ofNullable(cacheMemory).ifPresent(builder::cacheMemory);
    Optional.ofNullable(contextLength).or(() -> wantedContext).ifPresent(builder::contextLength);
    return builder;
  }

  /** The same, for attention in blocks of a size that the model's files may not have. */
  public Resa.Builder builder(
      Checkpoint checkpoint, Optional<Integer> wantedContext, ResaConfig attention) {
    Resa.Builder builder = builder(checkpoint, wantedContext);
    // What the files say remains theirs.
    return attention.blockSize() == checkpoint.defaults().attention().blockSize()
        ? builder
        : builder.blockSize(attention.blockSize());
  }
}
