package org.resa4j.tornado;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.GoldenAttentionTest;

class TornadoGoldenAttentionTest extends GoldenAttentionTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }
}
