package org.resa4j.tornado;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.WorksheetContractTest;

class TornadoWorksheetTest extends WorksheetContractTest {
  @Override
  protected EngineProvider provider() {
    return new TornadoEngineProvider();
  }
}
