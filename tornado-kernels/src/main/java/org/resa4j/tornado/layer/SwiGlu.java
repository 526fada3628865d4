package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** The activation of the MLP, for the kernels of every family. */
public final class SwiGlu {
  private SwiGlu() {}

  /** {@code silu(gate) * up}. */
  public static float gated(float gate, float up) {
    return gate / (1 + TornadoMath.exp(TornadoMath.min(-gate, 80f))) * up;
  }
}
