package org.resa4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.resa4j.Checkpoint;
import org.resa4j.Resa;
import org.resa4j.engine.KvType;
import org.resa4j.error.InputException;
import picocli.CommandLine.Option;

/** Which model, on which device. */
public final class ModelFlags {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      description = "Hugging Face model directory (default: the model that ships).")
  private Path model;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "jvm or tornado (default: tornado where it has a GPU).")
  private String engine;

  @Option(names = "--device", paramLabel = "ID", description = "As `resa devices` lists them.")
  private String device;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32 or f16 (default: what suits the device).")
  private KvType kvType;

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "TOKENS",
      description = "Tokens that the context holds, prompt included.")
  private Integer contextLength;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads of the JVM engine (default: every core).")
  private Integer threads;

  /** The model's directory: the one asked for, or the one that ships. */
  public Path directory() {
    return model != null ? model : shipped();
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
    String home = System.getProperty("resa.home");
    Path directory = Path.of(home == null ? "." : home, "models", "clerk");
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          directory
              + ": the model that ships is not there; start with ./resa, or name a model with -m");
    }
    return directory;
  }

  /**
   * A model on the device that the flags name, to be built.
   *
   * @param wantedContext tokens that the task needs, if known; -c overrides
   */
  public Resa.Builder builder(Checkpoint checkpoint, Optional<Integer> wantedContext) {
    Resa.Builder builder = Resa.builder(checkpoint);
    Optional.ofNullable(threads).ifPresent(builder::threads);
    Optional.ofNullable(engine).ifPresent(builder::engine);
    Optional.ofNullable(device).ifPresent(builder::device);
    Optional.ofNullable(kvType).ifPresent(builder::kvType);
    Optional.ofNullable(contextLength).or(() -> wantedContext).ifPresent(builder::contextLength);
    return builder;
  }
}
