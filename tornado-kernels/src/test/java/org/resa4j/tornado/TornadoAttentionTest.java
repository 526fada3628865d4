package org.resa4j.tornado;

import org.resa4j.engine.AttentionContractTest;
import org.resa4j.engine.EngineProvider;

class TornadoAttentionTest extends AttentionContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }
}
