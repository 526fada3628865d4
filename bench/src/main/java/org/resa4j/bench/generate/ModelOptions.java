package org.resa4j.bench.generate;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.resa4j.ModelDefaults;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.options.HostSpace;
import org.resa4j.cli.ModelFlags;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.format.ModelFiles;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which model a benchmark runs: a directory's, or random weights. */
public final class ModelOptions {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      description = "Hugging Face model directory (default: the model that ships).")
  private Path directory;

  @Option(
      names = "--synthetic",
      paramLabel = "SHAPE",
      description = "Random weights in the shape of ${COMPLETION-CANDIDATES}; the report says so.",
      completionCandidates = Shapes.class,
      converter = Shapes.class)
  private SyntheticModel.Shape synthetic;

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      defaultValue = "F16",
      description = "Format of random weights: F32, F16, BF16, Q8_0 or Q4_0 (${DEFAULT-VALUE}).")
  private DType weights;

  @Option(
      names = "--shared-cache",
      description = "Random weights with one KV cache for all layers, as the papers measured.")
  private boolean sharedCache;

  /** Names of shapes, as they are written. */
  static final class Shapes implements Iterable<String>, ITypeConverter<SyntheticModel.Shape> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(SyntheticModel.Shape.values()).map(Object::toString).iterator();
    }

    @Override
    public SyntheticModel.Shape convert(String text) {
      return Stream.of(SyntheticModel.Shape.values())
          .filter(shape -> shape.toString().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "there is no shape '%s', only %s"
                          .formatted(text, List.of(SyntheticModel.Shape.values()))));
    }
  }

  /**
   * @throws InputException for options that contradict each other
   */
  public void check() {
    if (sharedCache && synthetic == null) {
      throw new InputException(
          "--shared-cache needs --synthetic: no model that can be loaded has it");
    }
  }

  /** Whether weights are random. */
  public boolean isSynthetic() {
    return synthetic != null;
  }

  /** Where the model is, if it is not random. */
  public Path directory() {
    return directory != null ? directory : ModelFlags.shipped();
  }

  /** Attention settings that the model's directory has, or the defaults. */
  public ResaConfig attention() {
    return isSynthetic() ? ResaConfig.DEFAULT : ModelDefaults.read(directory()).attention();
  }

  /**
   * The model.
   *
   * @param arena holds random weights
   * @throws DeviceMemoryException if they do not fit this machine
   */
  public Model load(Arena arena) {
    return isSynthetic() ? synthetic(arena) : ModelFiles.load(directory());
  }

  private Model synthetic(Arena arena) {
    long bytes = (long) (synthetic.parameters() * weights.bitsPerElement() / 8);
    if (bytes > HostSpace.available() / 10 * 9) {
      throw new DeviceMemoryException(
          "%s in %s takes %.1f GiB, %.1f are free"
              .formatted(synthetic, weights, gibi(bytes), gibi(HostSpace.available())),
          bytes,
          HostSpace.available(),
          List.of());
    }
    return SyntheticModel.make(arena, synthetic, weights, sharedCache).model();
  }

  private static double gibi(long bytes) {
    return bytes / (double) (1L << 30);
  }
}
