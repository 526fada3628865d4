package org.resa4j.tornado;

import java.util.List;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.GgufContractTest;
import org.resa4j.tornado.group.GroupFamily;

/**
 * Models in the group kernels, which a CPU would not get: one for each way of packing, as a driver
 * compiles the kernels anew for each, a quarter of a minute.
 */
class GroupGgufTest extends GgufContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider(device -> new GroupFamily());
  }

  @Override
  protected List<String> models() {
    return List.of("llama3-Q8_0", "qwen2-Q4_0", "llama3-Q4_1", "wide-Q4_K_M", "wide1-Q2_K");
  }
}
