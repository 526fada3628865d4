package org.resa4j.generate;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.jvm.JvmEngineProvider;

class JvmSchedulingTest extends SchedulingContractTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
