package org.resa4j.model;

import org.resa4j.engine.AttentionShape;

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
    boolean tiedEmbeddings) {}
