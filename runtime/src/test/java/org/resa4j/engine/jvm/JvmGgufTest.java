package org.resa4j.engine.jvm;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.GgufContractTest;

class JvmGgufTest extends GgufContractTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
