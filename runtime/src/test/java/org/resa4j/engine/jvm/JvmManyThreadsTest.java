package org.resa4j.engine.jvm;

import org.resa4j.ManyThreadsContractTest;
import org.resa4j.engine.EngineProvider;

class JvmManyThreadsTest extends ManyThreadsContractTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
