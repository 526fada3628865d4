package org.resa4j.tornado;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.GgufContractTest;

class TornadoGgufTest extends GgufContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }
}
