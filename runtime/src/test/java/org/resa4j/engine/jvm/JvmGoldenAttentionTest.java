package org.resa4j.engine.jvm;

import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.GoldenAttentionTest;

class JvmGoldenAttentionTest extends GoldenAttentionTest {
  @Override
  protected EngineProvider provider() {
    return new JvmEngineProvider();
  }
}
