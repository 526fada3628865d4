package org.resa4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.resa4j.engine.AttentionShape;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/** Random weights in a real model's shape: for timing, not for text. */
final class SyntheticModel {
  private final Arena arena;
  private final DType type;
  private final Random random = new Random(1);
  private final List<MemorySegment> large = new ArrayList<>();

  private SyntheticModel(Arena arena, DType type) {
    this.arena = arena;
    this.type = type;
  }

  /** A model and the bytes that one decoding step has to read. */
  record Made(Model model, List<MemorySegment> read) {}

  /**
   * Qwen2.5-0.5B: 24 layers, hidden 896, 14/2 heads of 64, intermediate 4864, vocabulary 151936.
   */
  static Made qwen25Half(Arena arena, DType type) {
    return new SyntheticModel(arena, type)
        .make(24, 896, new AttentionShape(14, 2, 64), 4864, 151936);
  }

  private Made make(
      int layers, int hidden, AttentionShape shape, int intermediate, int vocabulary) {
    float[] frequencies = new float[shape.headDim() / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = (float) Math.pow(1e6, -2.0 * j / shape.headDim());
    }
    ModelConfig config =
        new ModelConfig(
            "Qwen2ForCausalLM",
            layers,
            hidden,
            shape,
            intermediate,
            vocabulary,
            1e-6f,
            new Rope(frequencies),
            32768,
            true,
            false,
            Set.of());
    int queries = shape.heads() * shape.headDim();
    int keys = shape.kvHeads() * shape.headDim();
    List<LayerWeights> all = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      all.add(
          new LayerWeights(
              ones(hidden),
              matrix(queries, hidden),
              Optional.of(matrix(keys, hidden)),
              Optional.of(matrix(keys, hidden)),
              matrix(hidden, queries),
              Optional.of(ones(queries)),
              Optional.of(ones(keys)),
              Optional.of(ones(keys)),
              Optional.empty(),
              Optional.empty(),
              ones(hidden),
              matrix(intermediate, hidden),
              matrix(intermediate, hidden),
              matrix(hidden, intermediate)));
    }
    Tensor embedding = matrix(vocabulary, hidden);
    Model model =
        new Model("synthetic Qwen2.5-0.5B", config, embedding, all, ones(hidden), embedding);
    return new Made(model, large);
  }

  private Tensor matrix(int rows, int columns) {
    long elements = (long) rows * columns;
    MemorySegment data = arena.allocate(elements * type.bytes(), 64);
    float scale = (float) (1 / Math.sqrt(columns));
    // A pattern of random numbers, repeated: drawing each would take longer than the benchmark.
    int period = 65_521;
    MemorySegment pattern = arena.allocate((long) period * type.bytes(), 64);
    for (int i = 0; i < period; i++) {
      set(pattern, i, (float) random.nextGaussian() * scale);
    }
    for (long at = 0; at < elements; at += period) {
      long count = Math.min(period, elements - at);
      MemorySegment.copy(pattern, 0, data, at * type.bytes(), count * type.bytes());
    }
    large.add(data);
    return new Tensor("synthetic", type, new long[] {rows, columns}, data);
  }

  private Tensor ones(int size) {
    MemorySegment data = arena.allocate((long) size * type.bytes(), 64);
    for (int i = 0; i < size; i++) {
      set(data, i, 1);
    }
    return new Tensor("synthetic", type, new long[] {size}, data);
  }

  private void set(MemorySegment data, int index, float x) {
    switch (type) {
      case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT, index, x);
      case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16(x));
      case BF16 ->
          data.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) (Float.floatToIntBits(x) >>> 16));
    }
  }
}
