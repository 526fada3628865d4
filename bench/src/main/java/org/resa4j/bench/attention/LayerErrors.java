package org.resa4j.bench.attention;

import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.KvType;

/**
 * Errors of one layer's attention against double precision, the worst of those sampled.
 *
 * @param dense of a dense step
 * @param select of the blocks that estimate and select chose, see {@link
 *     RandomLayer#selectionError}
 * @param attend of attention over the blocks that were chosen
 * @param rectify of the last f tokens encoded again; 0 where nothing is rectified
 */
record LayerErrors(double dense, double select, double attend, double rectify) {
  /** Rows of the batch, and heads of a row, are sampled in these strides. */
  private static final int ROWS = 3;

  private static final int HEADS = 5;

  /**
   * Half precision rounds K and V once, 2^-11 each, eight bits by 2^-8 of the largest of 32; fp32
   * sums of 10^6 terms stay below 1e-4.
   */
  static double tolerance(KvType type) {
    return switch (type) {
      case F32 -> 1e-4;
      case F16 -> 2e-3;
      case Q8 -> 2e-2;
    };
  }

  /** Runs every kind of call once and looks at samples of the results. */
  static LayerErrors of(RandomLayer layer, ResaConfig config) {
    AttentionShape shape = layer.layer().shape();
    int batch = layer.layer().info().options().sequences();
    layer.step(config);
    double select = 0;
    double attend = 0;
    for (int row = 0; row < batch; row += ROWS) {
      select = Math.max(select, layer.selectionError(row, row % shape.kvHeads(), config));
      for (int head = row % Math.min(HEADS, shape.heads()); head < shape.heads(); head += HEADS) {
        attend = Math.max(attend, layer.stepError(row, head));
      }
    }
    layer.step(ResaConfig.dense(config.blockSize()));
    double dense = Math.max(layer.stepError(0, 0), layer.stepError(batch - 1, shape.heads() - 1));
    double rectify = 0;
    int window = config.rectifyEvery();
    if (window > 0) {
      layer.rectify(0, window);
      for (int token : new int[] {0, window / 2, window - 1}) {
        rectify = Math.max(rectify, layer.rectifyError(token, window, token % shape.heads()));
      }
    }
    return new LayerErrors(dense, select, attend, rectify);
  }
}
