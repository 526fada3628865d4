package org.resa4j.tornado.kernel;

import org.resa4j.attention.AttentionShape;
import org.resa4j.model.ModelConfig;

/**
 * What kernels around attention are for.
 *
 * @param config sizes
 * @param rows the most rows of a call
 * @param half whether plain matrices of weights are in fp16
 * @param quantised whether matrices may be quantised
 */
public record LayerNeeds(ModelConfig config, int rows, boolean half, boolean quantised) {

  /** Elements of a layer's largest matrix. */
  public long largestMatrix() {
    AttentionShape shape = config.attention();
    long qkv = (shape.heads() + 2L * shape.kvHeads()) * shape.headDim();
    return config.hidden() * Math.max(qkv, 2L * config.intermediate());
  }
}
