package org.resa4j.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;

/**
 * Quantises a model's matrices, row by row. The embedding and the head, which matter most for a
 * text, get 8 bits in any case; vectors, and matrices whose rows are no whole blocks, stay as they
 * are. llama.cpp divides its files alike, but for its 6 bits of a head beside 4.
 */
public final class QuantisedModel {
  /** What the embedding and the head become, whatever the other matrices do. */
  public static final DType EMBEDDING = DType.Q8_0;

  private static final List<DType> TYPES = List.of(DType.Q8_0, DType.Q4_0);

  private final DType type;
  private final Arena arena;

  private QuantisedModel(DType type, Arena arena) {
    this.type = type;
    this.arena = arena;
  }

  /**
   * Refuses formats that are not made here.
   *
   * @throws IllegalArgumentException unless the format is Q8_0 or Q4_0
   */
  public static void check(DType type) {
    if (!TYPES.contains(type)) {
      throw new IllegalArgumentException("weights are quantised to Q8_0 or Q4_0, not " + type);
    }
  }

  /**
   * A model's weights in another format.
   *
   * @param type Q8_0 or Q4_0
   * @param arena where they go
   * @throws InputException if they are quantised already, are not finite, or there is no memory
   */
  public static Model of(Model model, DType type, Arena arena) {
    check(type);
    return new QuantisedModel(type, arena).of(model);
  }

  private Model of(Model model) {
    Tensor embedding = quantised(model.embedding(), EMBEDDING);
    return new Model(
        model.name(),
        model.config(),
        embedding,
        model.layers().stream()
            .map(layer -> layer.withMatrices(tensor -> quantised(tensor, type)))
            .toList(),
        model.finalNorm(),
        model.head() == model.embedding() ? embedding : quantised(model.head(), EMBEDDING));
  }

  private Tensor quantised(Tensor tensor, DType to) {
    if (tensor.dtype().isQuantised()) {
      throw new InputException(
          "%s is %s already; only weights in 16 or 32 bits are quantised"
              .formatted(tensor.name(), tensor.dtype()),
          List.of(Setting.WEIGHTS));
    }
    if (tensor.columns() % to.blockLength() != 0) {
      return tensor;
    }
    MemorySegment data = allocate(to.bytes(tensor.size()));
    QuantisedRows.write(tensor, to, IntUnaryOperator.identity(), 0, tensor.rows(), data);
    return new Tensor(tensor.name(), to, tensor.shape(), data.asReadOnly());
  }

  private MemorySegment allocate(long bytes) {
    try {
      return arena.allocate(bytes, 64);
    } catch (OutOfMemoryError e) {
      throw new InputException("no memory for %d bytes of quantised weights".formatted(bytes), e);
    }
  }
}
