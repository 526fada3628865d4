package org.resa4j.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.InputException;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/**
 * Loads models from GGUF files: weights stay as they are in the file, but for the rows of query and
 * key weights where the architecture has them in another order than the forward pass. A file must
 * have every tensor that its metadata asks for, and none besides.
 */
public final class Gguf {
  /** How file names end. */
  public static final String SUFFIX = ".gguf";

  static final String EMBEDDING = "token_embd.weight";
  static final String FINAL_NORM = "output_norm.weight";
  static final String HEAD = "output.weight";
  static final String FREQUENCY_FACTORS = "rope_freqs.weight";

  private static final String TOKENS = "tokenizer.ggml.tokens";

  private final GgufParts parts;
  private final GgufArchitecture architecture;
  private final ModelConfig config;
  private final Set<String> unused;

  private Gguf(GgufParts parts) {
    this.parts = parts;
    unused = new HashSet<>(parts.tensors().keySet());
    architecture = GgufArchitecture.of(parts.metadata());
    Tensor embedding = named(EMBEDDING);
    if (embedding.shape().length != 2 || embedding.shape()[0] > Integer.MAX_VALUE) {
      throw wrongShape(embedding, "[vocabulary][embedding_length]");
    }
    if (parts.metadata().count(TOKENS).orElse(embedding.rows()) != embedding.rows()) {
      throw parts
          .metadata()
          .wrong(
              TOKENS, "one text for each of %d rows of %s".formatted(embedding.rows(), EMBEDDING));
    }
    boolean tied = !parts.tensors().containsKey(HEAD);
    config = turned(GgufConfig.read(parts.metadata(), architecture, embedding.rows(), tied));
  }

  /**
   * A model and what it stands in.
   *
   * @param model without tokens that end a text
   * @param metadata of the file, or of the first of several
   */
  public record Loaded(Model model, GgufMetadata metadata, Set<MappedFile> files) {}

  /** Whether a model's path is taken for a GGUF file: by its name, unless it is a directory. */
  public static boolean isFile(Path path) {
    Path name = path.getFileName();
    return name != null
        && name.toString().toLowerCase(Locale.ROOT).endsWith(SUFFIX)
        && !Files.isDirectory(path);
  }

  /**
   * The file itself, or all parts of one that was split.
   *
   * @throws InputException if one is missing or damaged
   */
  public static List<Path> files(Path file) {
    try (Arena arena = Arena.ofShared()) {
      return GgufParts.open(file, arena, WeightAccess.MAPPED).files().stream()
          .map(MappedFile::path)
          .sorted()
          .toList();
    }
  }

  /**
   * Loads a model.
   *
   * @param file the file, or the first of several, {@code NAME-00001-of-0000N.gguf}
   * @param arena how long the weights are there
   * @throws InputException if a file is missing or damaged, the architecture, a key of it or a
   *     tensor's format is unknown, a tensor is missing or of the wrong shape, or there are tensors
   *     that the architecture does not have
   */
  public static Loaded load(Path file, Arena arena, WeightAccess access) {
    GgufParts parts = GgufParts.open(file, arena, access);
    return new Loaded(new Gguf(parts).model(), parts.metadata(), parts.files());
  }

  /** Llama 3's position scaling is a tensor: what each frequency is divided by. */
  private ModelConfig turned(ModelConfig config) {
    if (!parts.tensors().containsKey(FREQUENCY_FACTORS)) {
      return config;
    }
    float[] factors = tensor(FREQUENCY_FACTORS, config.rope().pairs()).toFloats();
    float[] frequencies = config.rope().inverseFrequencies().clone();
    for (int j = 0; j < frequencies.length; j++) {
      if (!(factors[j] > 0) || Float.isInfinite(factors[j])) {
        throw new InputException(
            "%s: %s has %s at index %d; it must be a number above 0"
                .formatted(parts.path(), FREQUENCY_FACTORS, factors[j], j));
      }
      frequencies[j] /= factors[j];
    }
    return config.withRope(new Rope(frequencies, config.rope().attentionFactor()));
  }

  private Model model() {
    Tensor embedding = tensor(EMBEDDING, config.vocabulary(), config.hidden());
    List<LayerWeights> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(prefix(i)));
    }
    Tensor norm = tensor(FINAL_NORM, config.hidden());
    Tensor head =
        config.tiedEmbeddings() ? embedding : tensor(HEAD, config.vocabulary(), config.hidden());
    if (!unused.isEmpty()) {
      throw new InputException(
          "%s: %d tensors are no part of %s as it is known here, such as %s"
              .formatted(
                  parts.path(),
                  unused.size(),
                  architecture.name(),
                  unused.stream().sorted().findFirst().orElseThrow()));
    }
    return new Model(parts.name(), config, embedding, List.copyOf(layers), norm, head);
  }

  /** What the names of a layer's tensors begin with. */
  static String prefix(int layer) {
    return "blk." + layer + ".";
  }

  private LayerWeights layer(String layer) {
    AttentionShape shape = config.attention();
    long hidden = config.hidden();
    long intermediate = config.intermediate();
    long queries = (long) shape.heads() * shape.headDim();
    long keys = (long) shape.kvHeads() * shape.headDim();
    return new LayerWeights(
        tensor(layer + "attn_norm.weight", hidden),
        heads(projection(layer + "attn_q", queries, hidden)),
        Optional.of(heads(projection(layer + "attn_k", keys, hidden))),
        Optional.of(projection(layer + "attn_v", keys, hidden)),
        projection(layer + "attn_output", hidden, queries),
        headNorm(layer + "attn_q_norm.weight"),
        headNorm(layer + "attn_k_norm.weight"),
        tensor(layer + "ffn_norm.weight", hidden),
        projection(layer + "ffn_gate", intermediate, hidden),
        projection(layer + "ffn_up", intermediate, hidden),
        projection(layer + "ffn_down", hidden, intermediate));
  }

  private Optional<Tensor> headNorm(String name) {
    return architecture.headNorms()
        ? Optional.of(tensor(name, config.attention().headDim()))
        : Optional.empty();
  }

  /** Biases are those that the file has. */
  private Projection projection(String name, long outputs, long inputs) {
    Tensor weight = tensor(name + ".weight", outputs, inputs);
    String bias = name + ".bias";
    return parts.tensors().containsKey(bias)
        ? new Projection(weight, Optional.of(tensor(bias, outputs)))
        : Projection.of(weight);
  }

  /** Query or key weights, each head's rows in halves. */
  private Projection heads(Projection projection) {
    return architecture.pairedHeads()
        ? new Projection(halves(projection.weight()), projection.bias().map(this::halves))
        : projection;
  }

  /** A copy in which row i of a head is its row 2i, and row i + d/2 its row 2i + 1. */
  private Tensor halves(Tensor tensor) {
    int width = config.attention().headDim();
    int rows = tensor.rows();
    long rowBytes = tensor.data().byteSize() / rows;
    MemorySegment moved = parts.file(tensor.name()).allocate(tensor.data().byteSize());
    for (int row = 0; row < rows; row++) {
      int within = row % width;
      int from = row - within + 2 * (within % (width / 2)) + within / (width / 2);
      MemorySegment.copy(tensor.data(), from * rowBytes, moved, row * rowBytes, rowBytes);
    }
    return new Tensor(tensor.name(), tensor.dtype(), tensor.shape(), moved.asReadOnly());
  }

  private Tensor tensor(String name, long... shape) {
    Tensor tensor = named(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw wrongShape(tensor, Arrays.toString(shape));
    }
    return tensor;
  }

  private Tensor named(String name) {
    Tensor tensor = parts.tensors().get(name);
    if (tensor == null) {
      throw new InputException(
          "%s: has no tensor %s, which %s needs"
              .formatted(parts.path(), name, architecture.name()));
    }
    unused.remove(name);
    return tensor;
  }

  private InputException wrongShape(Tensor tensor, String asked) {
    return new InputException(
        "%s: tensor %s has shape %s, the metadata asks for %s (outermost dimension first)"
            .formatted(
                parts.file(tensor.name()).path(),
                tensor.name(),
                Arrays.toString(tensor.shape()),
                asked));
  }
}
