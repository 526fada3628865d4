package org.resa4j.engine.jvm;

import org.resa4j.engine.EngineContractTest;
import org.resa4j.engine.EngineProvider;

class JvmEngineTest extends EngineContractTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
