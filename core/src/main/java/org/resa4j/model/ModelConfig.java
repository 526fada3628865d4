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
 * @param maxContext positions that the model is good for: those it was trained for, times what its
 *     position scaling adds, within its attention window if it has one
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
    if (!(rmsEpsilon >= 0) || Float.isInfinite(rmsEpsilon)) {
      throw new IllegalArgumentException("rmsEpsilon must be at least 0, was " + rmsEpsilon);
    }
    for (int token : endOfText) {
      if (token < 0 || token >= vocabulary) {
        throw new IllegalArgumentException(
            "end-of-text token %d is outside the vocabulary of %d".formatted(token, vocabulary));
      }
    }
    endOfText = Set.copyOf(endOfText);
  }

  /** The same with other tokens that end a text. */
  public ModelConfig withEndOfText(Set<Integer> tokens) {
    return new ModelConfig(
        architecture,
        layers,
        hidden,
        attention,
        intermediate,
        vocabulary,
        rmsEpsilon,
        rope,
        maxContext,
        tiedEmbeddings,
        sharedCache,
        tokens);
  }

  /** The same with another position embedding. */
  public ModelConfig withRope(Rope other) {
    return new ModelConfig(
        architecture,
        layers,
        hidden,
        attention,
        intermediate,
        vocabulary,
        rmsEpsilon,
        other,
        maxContext,
        tiedEmbeddings,
        sharedCache,
        endOfText);
  }

  /**
   * The longest context for which a text has the keys that it has with any shorter one: beyond,
   * position scaling by length turns all of them by other frequencies.
   */
  public int unextendedContext() {
    return Math.min(maxContext, rope.originalContext());
  }

  /** KV caches: one for each layer, or the one that all share. */
  public int caches() {
    return sharedCache ? 1 : layers;
  }
}
