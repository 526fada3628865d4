package org.resa4j.bench.generate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.resa4j.attention.AttentionShape;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Quantiser;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/** Random weights in a real model's shape: for timing, not for text. */
public final class SyntheticModel {
  /**
   * Elements of the pattern that a matrix repeats: drawing each would take minutes. A prime number
   * of blocks of 32.
   */
  private static final int PERIOD = 32 * 2_039;

  private final Arena arena;
  private final DType type;
  private final Random random = new Random(1);
  private final List<MemorySegment> matrices = new ArrayList<>();

  private SyntheticModel(Arena arena, DType type) {
    this.arena = arena;
    this.type = type;
  }

  /** A model and its matrices, each of which a decoding step reads once. */
  public record Made(Model model, List<MemorySegment> matrices) {}

  /** The shapes of published models. */
  public enum Shape {
    QWEN25_7B(
        "qwen2.5-7b", 28, 3584, new AttentionShape(28, 4, 128), 18944, 152064, 1e6, true, false),
    QWEN25_1_5B(
        "qwen2.5-1.5b", 28, 1536, new AttentionShape(12, 2, 128), 8960, 151936, 1e6, true, true),
    QWEN25_0_5B(
        "qwen2.5-0.5b", 24, 896, new AttentionShape(14, 2, 64), 4864, 151936, 1e6, true, true),
    LLAMA3_8B(
        "llama-3-8b", 32, 4096, new AttentionShape(32, 8, 128), 14336, 128256, 5e5, false, false);

    private final String label;
    private final int layers;
    private final int hidden;
    private final AttentionShape attention;
    private final int intermediate;
    private final int vocabulary;
    private final double ropeBase;
    private final boolean biased;
    private final boolean tied;

    Shape(
        String label,
        int layers,
        int hidden,
        AttentionShape attention,
        int intermediate,
        int vocabulary,
        double ropeBase,
        boolean biased,
        boolean tied) {
      this.label = label;
      this.layers = layers;
      this.hidden = hidden;
      this.attention = attention;
      this.intermediate = intermediate;
      this.vocabulary = vocabulary;
      this.ropeBase = ropeBase;
      this.biased = biased;
      this.tied = tied;
    }

    /** Elements of all matrices, about. */
    long parameters() {
      long heads = 2L * (attention.heads() + attention.kvHeads());
      long perLayer = hidden * (heads * attention.headDim() + 3L * intermediate);
      return layers * perLayer + (tied ? 1L : 2L) * vocabulary * hidden;
    }

    /** What {@code --synthetic} takes. */
    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * Makes a model.
   *
   * @param arena holds the weights
   * @param type format of all matrices; vectors are in fp32
   * @param sharedCache whether all layers attend to the first one's K and V
   */
  public static Made make(Arena arena, Shape shape, DType type, boolean sharedCache) {
    return new SyntheticModel(arena, type).make(shape, sharedCache);
  }

  private Made make(Shape shape, boolean sharedCache) {
    ModelConfig config =
        new ModelConfig(
            shape.biased ? "Qwen2ForCausalLM" : "LlamaForCausalLM",
            shape.layers,
            shape.hidden,
            shape.attention,
            shape.intermediate,
            shape.vocabulary,
            1e-6f,
            rope(shape),
            1 << 20,
            shape.tied,
            sharedCache,
            Set.of());
    List<LayerWeights> layers = new ArrayList<>();
    for (int i = 0; i < shape.layers; i++) {
      layers.add(layer(shape, i < config.caches()));
    }
    Tensor head = matrix(shape.vocabulary, shape.hidden);
    // Only a token's row of it is read.
    Tensor embedding = shape.tied ? head : tensor(shape.vocabulary, shape.hidden);
    String name = "synthetic " + shape + (sharedCache ? ", one KV cache" : "");
    Model model = new Model(name, config, embedding, layers, ones(shape.hidden), head);
    return new Made(model, List.copyOf(matrices));
  }

  private static Rope rope(Shape shape) {
    float[] frequencies = new float[shape.attention.headDim() / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = (float) Math.pow(shape.ropeBase, -2.0 * j / shape.attention.headDim());
    }
    return new Rope(frequencies);
  }

  private LayerWeights layer(Shape shape, boolean hasKeys) {
    int hidden = shape.hidden;
    int queries = shape.attention.heads() * shape.attention.headDim();
    int keys = shape.attention.kvHeads() * shape.attention.headDim();
    return new LayerWeights(
        ones(hidden),
        projection(queries, hidden, shape.biased),
        hasKeys ? Optional.of(projection(keys, hidden, shape.biased)) : Optional.empty(),
        hasKeys ? Optional.of(projection(keys, hidden, shape.biased)) : Optional.empty(),
        projection(hidden, queries, false),
        Optional.empty(),
        Optional.empty(),
        ones(hidden),
        projection(shape.intermediate, hidden, false),
        projection(shape.intermediate, hidden, false),
        projection(hidden, shape.intermediate, false));
  }

  private Projection projection(int rows, int columns, boolean biased) {
    return new Projection(
        matrix(rows, columns), biased ? Optional.of(bias(rows)) : Optional.empty());
  }

  private Tensor matrix(int rows, int columns) {
    Tensor tensor = tensor(rows, columns);
    matrices.add(tensor.data());
    return tensor;
  }

  private Tensor tensor(int rows, int columns) {
    long elements = (long) rows * columns;
    MemorySegment data = arena.allocate(type.bytes(elements), 64);
    MemorySegment pattern = pattern(1 / Math.sqrt(columns));
    LongStream.range(0, Math.ceilDiv(elements, PERIOD))
        .parallel()
        .forEach(
            i -> {
              long at = i * PERIOD;
              long count = Math.min(PERIOD, elements - at);
              MemorySegment.copy(pattern, 0, data, type.bytes(at), type.bytes(count));
            });
    return new Tensor("synthetic", type, new long[] {rows, columns}, data);
  }

  private Tensor bias(int size) {
    return vector(random(size, 0.1));
  }

  private Tensor ones(int size) {
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    return vector(ones);
  }

  private Tensor vector(float[] values) {
    MemorySegment data = arena.allocate((long) values.length * Float.BYTES, 64);
    MemorySegment.copy(MemorySegment.ofArray(values), 0, data, 0, data.byteSize());
    return new Tensor("synthetic", DType.F32, new long[] {values.length}, data);
  }

  private MemorySegment pattern(double scale) {
    MemorySegment pattern = arena.allocate(type.bytes(PERIOD), 64);
    Quantiser.of(type).write(random(PERIOD, scale), 0, PERIOD, pattern, 0);
    return pattern;
  }

  private float[] random(int size, double scale) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return values;
  }
}
