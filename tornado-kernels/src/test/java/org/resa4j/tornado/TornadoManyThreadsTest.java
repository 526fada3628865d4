package org.resa4j.tornado;

import org.resa4j.ManyThreadsContractTest;
import org.resa4j.engine.EngineProvider;

class TornadoManyThreadsTest extends ManyThreadsContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }

  @Override
  protected int requests() {
    return Integer.getInteger("resa.test.requests", 4);
  }
}
