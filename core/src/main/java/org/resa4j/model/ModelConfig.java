package org.resa4j.model;

import java.util.Set;
import org.resa4j.attention.AttentionShape;

/**
 * A decoder-only transformer in numbers: what the one forward pass is driven by.
 *
 * @param architecture the checkpoint's name for it, e.g. {@code Qwen2ForCausalLM}
 * @param layers transformer layers
 * @param hidden width of the residual stream
 * @param attention heads and their dimension
 * @param intermediate width of the MLP
 * @param vocabulary token ids
 * @param rmsEpsilon added to the mean square in RMSNorm
 * @param rope rotary position embedding
 * @param maxContext positions that the model was trained for
 * @param tiedEmbeddings whether the logits use the embedding's weights
 * @param sharedCache whether all layers attend to the K and V that the first layer computes, so
 *     that there is one KV cache; else each layer has its own
 * @param endOfText tokens that end a text
 */
public record ModelConfig(
    String architecture,
    int layers,
    int hidden,
    AttentionShape attention,
    int intermediate,
    int vocabulary,
    float rmsEpsilon,
    Rope rope,
    int maxContext,
    boolean tiedEmbeddings,
    boolean sharedCache,
    Set<Integer> endOfText) {

  public ModelConfig {
    if (layers < 1 || hidden < 1 || intermediate < 1 || vocabulary < 1 || maxContext < 1) {
      throw new IllegalArgumentException(
          "layers, hidden, intermediate, vocabulary and maxContext must be at least 1, were"
              + " %d, %d, %d, %d, %d"
                  .formatted(layers, hidden, intermediate, vocabulary, maxContext));
    }
    if (rope.pairs() * 2 != attention.headDim()) {
      throw new IllegalArgumentException(
          "RoPE turns %d pairs, a head has %d elements"
              .formatted(rope.pairs(), attention.headDim()));
    }
    endOfText = Set.copyOf(endOfText);
  }

  /** KV caches: one for each layer, or the one that all share. */
  public int caches() {
    return sharedCache ? 1 : layers;
  }
}
