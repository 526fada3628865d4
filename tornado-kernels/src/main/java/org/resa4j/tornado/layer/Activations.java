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
 * @param logits {@code [row][vocabulary]}, of as many rows as a call leaves logits of
 * @param half the input of a matrix product in fp16, {@code [row][inputs]}, where matrix products
 *     run on tensor cores
 * @param splitSums sums of split matrix products, {@code [split][row][outputs]}, beside half
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
    Optional<HalfFloatArray> half,
    Optional<FloatArray> splitSums) {

  /** Work-groups of a matrix product that keep the largest GPUs busy. */
  private static final int BUSY = 640;

  /** Tiles of inputs that are worth a work-group. */
  private static final int LEAST_TILES = 4;

  /** Over how many work-groups a matrix product's inputs are split. */
  int splits(int tiles, int rows, int inputs, int outputs) {
    int wanted = Math.ceilDiv(BUSY, tiles);
    int worth = inputs / (TensorLinearKernels.INPUTS * LEAST_TILES);
    int room = splitSums.orElseThrow().getSize() / (rows * outputs);
    return Math.max(1, Math.min(wanted, Math.min(worth, room)));
  }
}
