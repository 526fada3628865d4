package org.resa4j.engine.jvm;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.WorksheetContractTest;

class JvmWorksheetTest extends WorksheetContractTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
