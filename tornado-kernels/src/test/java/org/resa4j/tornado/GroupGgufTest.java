package org.resa4j.tornado;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.GgufContractTest;
import org.resa4j.tornado.group.GroupFamily;

/** Models of every format in the group kernels, which a CPU would not get. */
class GroupGgufTest extends GgufContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider(device -> new GroupFamily());
  }
}
