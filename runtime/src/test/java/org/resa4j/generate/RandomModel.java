package org.resa4j.generate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.resa4j.attention.AttentionShape;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/** Small models of random weights: their texts are chaotic, so that a wrong value soon shows. */
public final class RandomModel {
  public static final int VOCABULARY = 61;

  private final Random random;

  private RandomModel(long seed) {
    random = new Random(seed);
  }

  public static Model of(long seed, int maxContext) {
    return new RandomModel(seed).make(maxContext);
  }

  private Model make(int maxContext) {
    AttentionShape[] shapes = {
      new AttentionShape(4, 2, 8), new AttentionShape(3, 1, 16), new AttentionShape(4, 4, 8)
    };
    AttentionShape shape = shapes[random.nextInt(shapes.length)];
    int hidden = 32;
    int intermediate = 48;
    int queries = shape.heads() * shape.headDim();
    int keys = shape.kvHeads() * shape.headDim();
    List<LayerWeights> layers = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      layers.add(
          new LayerWeights(
              vector(hidden),
              matrix(queries, hidden, 2),
              Optional.of(matrix(keys, hidden, 2)),
              Optional.of(matrix(keys, hidden, 2)),
              matrix(hidden, queries, 2),
              Optional.empty(),
              Optional.empty(),
              vector(hidden),
              matrix(intermediate, hidden, 1),
              matrix(intermediate, hidden, 1),
              matrix(hidden, intermediate, 1)));
    }
    Tensor embedding = tensor(VOCABULARY, hidden, 1);
    Tensor head = tensor(VOCABULARY, hidden, 2 / Math.sqrt(hidden));
    float[] frequencies = new float[shape.headDim() / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = (float) Math.pow(100, -2.0 * j / shape.headDim());
    }
    ModelConfig config =
        new ModelConfig(
            "Random",
            count,
            hidden,
            shape,
            intermediate,
            VOCABULARY,
            1e-5f,
            new Rope(frequencies),
            maxContext,
            false,
            false,
            Set.of());
    return new Model("random", config, embedding, layers, vector(hidden), head);
  }

  private Projection matrix(int rows, int columns, double gain) {
    return Projection.of(tensor(rows, columns, gain / Math.sqrt(columns)));
  }

  private Tensor vector(int width) {
    MemorySegment data = Arena.ofAuto().allocate(width * 4L, 64);
    for (int i = 0; i < width; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, 0.8f + 0.4f * random.nextFloat());
    }
    return new Tensor("v" + random.nextInt(), DType.F32, new long[] {width}, data);
  }

  private Tensor tensor(int rows, int columns, double deviation) {
    MemorySegment data = Arena.ofAuto().allocate((long) rows * columns * 4, 64);
    for (int i = 0; i < rows * columns; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (deviation * random.nextGaussian()));
    }
    return new Tensor("m" + random.nextInt(), DType.F32, new long[] {rows, columns}, data);
  }
}
