package org.resa4j.tornado;

import org.resa4j.engine.EngineProvider;
import org.resa4j.generate.SchedulingContractTest;

class TornadoSchedulingTest extends SchedulingContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }

  /** An engine takes seconds to open here, where kernels are compiled for it. */
  @Override
  protected double share() {
    return 0.02;
  }
}
