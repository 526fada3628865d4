package org.resa4j.tornado;

import org.resa4j.engine.EngineContractTest;
import org.resa4j.engine.EngineProvider;
import org.resa4j.tornado.group.GroupFamily;

/** An engine of the group kernels, which a CPU would not get. */
class GroupEngineTest extends EngineContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider(device -> new GroupFamily());
  }
}
