package org.resa4j.tornado;

import org.resa4j.engine.EngineContractTest;
import org.resa4j.engine.EngineProvider;

class TornadoEngineTest extends EngineContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }
}
