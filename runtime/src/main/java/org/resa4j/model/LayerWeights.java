package org.resa4j.model;

import java.util.Optional;

/**
 * One layer's weights. Linear layers are {@code [outputs][inputs]}.
 *
 * @param attentionNorm RMSNorm before attention, {@code [hidden]}
 * @param query {@code [Hq·d][hidden]}
 * @param key {@code [Hkv·d][hidden]}
 * @param value {@code [Hkv·d][hidden]}
 * @param output {@code [hidden][Hq·d]}
 * @param queryBias {@code [Hq·d]}, where the architecture has it
 * @param keyBias {@code [Hkv·d]}, where the architecture has it
 * @param valueBias {@code [Hkv·d]}, where the architecture has it
 * @param queryNorm RMSNorm of each query head, {@code [d]}, where the architecture has it
 * @param keyNorm RMSNorm of each key head, {@code [d]}, where the architecture has it
 * @param mlpNorm RMSNorm before the MLP, {@code [hidden]}
 * @param gate {@code [intermediate][hidden]}
 * @param up {@code [intermediate][hidden]}
 * @param down {@code [hidden][intermediate]}
 */
public record LayerWeights(
    Tensor attentionNorm,
    Tensor query,
    Tensor key,
    Tensor value,
    Tensor output,
    Optional<Tensor> queryBias,
    Optional<Tensor> keyBias,
    Optional<Tensor> valueBias,
    Optional<Tensor> queryNorm,
    Optional<Tensor> keyNorm,
    Tensor mlpNorm,
    Tensor gate,
    Tensor up,
    Tensor down) {}
