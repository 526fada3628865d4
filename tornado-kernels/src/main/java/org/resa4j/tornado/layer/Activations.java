package org.resa4j.tornado.layer;

import java.util.Optional;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What passes from layer to layer and between the stages of one, shared by all layers. Rows are a
 * step's rows or an encode call's tokens.
 *
 * @param x the residual stream, {@code [row][hidden]}
 * @param normed {@code [row][hidden]}
 * @param qkv {@code [row][Hq + 2 Hkv][d]}
 * @param gateUp {@code [row][2][intermediate]}
 * @param gated {@code [row][intermediate]}
 * @param angles {@code [row][2][d/2]}, cosines then sines of the rows' positions
 * @param logits {@code [row][vocabulary]}, for a step's rows
 * @param half the input of a matrix product in fp16, {@code [row][inputs]}, where matrix products
 *     run on tensor cores
 * @param best the highest logit's id in each part of the vocabulary, {@code [row][parts]}
 */
public record Activations(
    FloatArray x,
    FloatArray normed,
    FloatArray qkv,
    FloatArray gateUp,
    FloatArray gated,
    FloatArray angles,
    FloatArray logits,
    IntArray best,
    Optional<HalfFloatArray> half) {}
