package org.resa4j.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import org.resa4j.error.InputException;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.Projection;
import org.resa4j.model.QuantisedModel;
import org.resa4j.model.Tensor;

/**
 * Puts a model into a GGUF file: of a Hugging Face directory the keys and tensors, without its
 * tokenizer; of another GGUF file all that it has. {@link Gguf} reads the same model from it.
 *
 * <p>Vectors become F32, which llama.cpp asks for. Of quantised files the embedding and the head
 * have the format of {@link QuantisedModel#EMBEDDING}, as the same model has it that is quantised
 * as it is loaded, where llama.cpp takes 6 bits beside 4; a matrix whose rows are no whole blocks
 * stays in 16 bits, one in 32 becomes F16.
 */
public final class GgufModel {
  /** What {@code general.file_type} calls a file with most matrices in a format. */
  private static final Map<DType, Integer> FILE_TYPES =
      Map.of(DType.F32, 0, DType.F16, 1, DType.Q4_0, 2, DType.Q8_0, 7, DType.BF16, 32);

  private static final String FILE_TYPE = "general.file_type";
  private static final String QUANTISATION = "general.quantization_version";
  private static final int QUANTISATION_VERSION = 2;

  /** What is said of a file, not of the model in it. */
  private static final Set<String> OF_FILE =
      Set.of(
          FILE_TYPE,
          QUANTISATION,
          "general.alignment",
          "split.no",
          "split.count",
          "split.tensors.count");

  /** The matrices of a layer, with their biases; those of heads may stand in another order. */
  private static final List<Matrix> MATRICES =
      List.of(
          new Matrix("attn_q", LayerWeights::query, true),
          new Matrix("attn_k", layer -> layer.key().orElseThrow(), true),
          new Matrix("attn_v", layer -> layer.value().orElseThrow(), false),
          new Matrix("attn_output", LayerWeights::output, false),
          new Matrix("ffn_gate", LayerWeights::gate, false),
          new Matrix("ffn_up", LayerWeights::up, false),
          new Matrix("ffn_down", LayerWeights::down, false));

  private static final List<Norm> NORMS =
      List.of(
          new Norm("attn_norm", layer -> Optional.of(layer.attentionNorm())),
          new Norm("attn_q_norm", LayerWeights::queryNorm),
          new Norm("attn_k_norm", LayerWeights::keyNorm),
          new Norm("ffn_norm", layer -> Optional.of(layer.mlpNorm())));

  private record Matrix(String name, Function<LayerWeights, Projection> of, boolean heads) {}

  private record Norm(String name, Function<LayerWeights, Optional<Tensor>> of) {}

  private final Model model;
  private final GgufArchitecture architecture;
  private final GgufWriter gguf;
  private final Optional<DType> type;

  private GgufModel(
      Model model, GgufArchitecture architecture, GgufWriter gguf, Optional<DType> type) {
    this.model = model;
    this.architecture = architecture;
    this.gguf = gguf;
    this.type = type;
  }

  /** The formats that there are files of. */
  public static List<DType> types() {
    return FILE_TYPES.keySet().stream().sorted().toList();
  }

  /**
   * Adds a model to a file; its weights are read when the file is written.
   *
   * @param path the directory or file that it was loaded from, for what {@code ModelConfig} does
   *     not keep
   * @param type one of {@link #types}, which its matrices become; empty to keep each one's own
   * @throws InputException if there are no keys for what a directory says; when the file is
   *     written, if weights are quantised already, not finite, or larger than the format holds
   * @throws IllegalArgumentException for another format
   */
  public static void addTo(GgufWriter gguf, Path path, Model model, Optional<DType> type) {
    if (Gguf.isFile(path)) {
      addFile(gguf, GgufParts.open(path, Arena.ofAuto(), WeightAccess.MAPPED), model, type);
    } else {
      addDirectory(gguf, path, model, type);
    }
  }

  private static void addFile(GgufWriter gguf, GgufParts parts, Model model, Optional<DType> type) {
    GgufMetadata metadata = parts.metadata();
    for (String key : metadata.keys()) {
      if (!OF_FILE.contains(key)) {
        metadata.copyTo(gguf, key);
      }
    }
    GgufModel added = new GgufModel(model, GgufArchitecture.of(metadata), gguf, type);
    added.addType();
    Tensor factors = parts.tensors().get(Gguf.FREQUENCY_FACTORS);
    if (factors != null) {
      added.addVector(Gguf.FREQUENCY_FACTORS, factors, false);
    }
    added.addTensors();
  }

  private static void addDirectory(
      GgufWriter gguf, Path directory, Model model, Optional<DType> type) {
    HuggingFaceConfig config =
        HuggingFaceConfig.read(JsonObject.read(directory.resolve(HuggingFace.CONFIG)));
    GgufArchitecture architecture = GgufArchitecture.ofModel(model.config().architecture());
    gguf.put(GgufArchitecture.KEY, architecture.name());
    gguf.put("general.type", "model");
    gguf.put("general.name", model.name());
    GgufModel added = new GgufModel(model, architecture, gguf, type);
    added.addType();
    new GgufConfigWriter(gguf, architecture, config).write();
    added.addTensors();
  }

  private void addType() {
    type.ifPresent(
        each -> {
          if (!FILE_TYPES.containsKey(each)) {
            throw new IllegalArgumentException(
                "files are written in %s, not %s".formatted(types(), each));
          }
          gguf.put(FILE_TYPE, FILE_TYPES.get(each));
          gguf.put(QUANTISATION, QUANTISATION_VERSION);
        });
  }

  private void addTensors() {
    addMatrix(Gguf.EMBEDDING, model.embedding(), false);
    addVector(Gguf.FINAL_NORM, model.finalNorm(), false);
    if (model.head() != model.embedding()) {
      addMatrix(Gguf.HEAD, model.head(), false);
    }
    for (int i = 0; i < model.layers().size(); i++) {
      String prefix = Gguf.prefix(i);
      LayerWeights layer = model.layers().get(i);
      for (Norm norm : NORMS) {
        norm.of.apply(layer).ifPresent(it -> addVector(prefix + norm.name + ".weight", it, false));
      }
      for (Matrix matrix : MATRICES) {
        Projection projection = matrix.of.apply(layer);
        boolean paired = matrix.heads && architecture.pairedHeads();
        addMatrix(prefix + matrix.name + ".weight", projection.weight(), paired);
        projection.bias().ifPresent(it -> addVector(prefix + matrix.name + ".bias", it, paired));
      }
    }
  }

  private void addMatrix(String name, Tensor tensor, boolean paired) {
    DType to = format(tensor);
    if (tensor.dtype() == to && !paired) {
      gguf.add(name, tensor);
      return;
    }
    if (tensor.dtype().isQuantised()) {
      throw new InputException(
          "%s is %s already; only weights in 16 or 32 bits are written in another format"
              .formatted(tensor.name(), tensor.dtype()));
    }
    gguf.add(name, to, tensor.shape(), new GgufMatrix(tensor, to, order(paired)));
  }

  private DType format(Tensor tensor) {
    DType own = tensor.dtype();
    if (type.isEmpty()) {
      return own;
    }
    DType to = type.get();
    if (tensor.columns() % to.blockLength() != 0) {
      return own == DType.F32 ? DType.F16 : own;
    }
    boolean edge = tensor == model.embedding() || tensor == model.head();
    return edge && to.isQuantised() ? QuantisedModel.EMBEDDING : to;
  }

  private void addVector(String name, Tensor tensor, boolean paired) {
    float[] values = tensor.toFloats();
    IntUnaryOperator order = order(paired);
    float[] ordered = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      ordered[i] = values[order.applyAsInt(i)];
    }
    gguf.add(name, vector(name, ordered));
  }

  /** A byte array, not a float array: its buffers are to be written. */
  static Tensor vector(String name, float[] values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return new Tensor(name, DType.F32, new long[] {values.length}, MemorySegment.ofArray(bytes));
  }

  private IntUnaryOperator order(boolean paired) {
    int headDim = model.config().attention().headDim();
    return paired
        ? place -> GgufArchitecture.rowOfPairs(place, headDim)
        : IntUnaryOperator.identity();
  }
}
