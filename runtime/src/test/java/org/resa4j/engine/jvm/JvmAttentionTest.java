package org.resa4j.engine.jvm;

import org.resa4j.engine.AttentionContractTest;
import org.resa4j.engine.EngineProvider;

class JvmAttentionTest extends AttentionContractTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
