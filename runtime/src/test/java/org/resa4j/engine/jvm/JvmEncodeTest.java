package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Errors;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Pages;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.model.Model;

/** A token is encoded alike whatever comes with it: tiles are as wide as what is in them. */
class JvmEncodeTest {
  private static final int TOKENS = 180;

  private final Model model = HuggingFace.load(Golden.model("qwen3"));
  private final int[] ids =
      Safetensors.open(Golden.file("models/qwen3/golden.safetensors")).integers("input_ids");

  /** Of one row, of few, of a tile and a few; after a wide tile, of which nothing may be left. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 17, 60, 120})
  void chunksLeaveNoTrace(int chunk) {
    EngineOptions options =
        EngineOptions.of(256).withSequences(2).withKvType(KvType.F32).withEncodeTokens(TOKENS);
    try (Engine engine = new JvmEngineProvider().open(model, options)) {
      Pages.encode(engine, 0, 0, ids, 0, TOKENS, true);
      float[] whole = logits(engine);
      for (int from = 0; from < TOKENS; from += chunk) {
        Pages.encode(engine, 1, from, ids, from, Math.min(chunk, TOKENS - from), true);
      }
      assertThat(Errors.relative(whole, logits(engine))).isLessThan(1e-5);
      for (int layer = 0; layer < model.config().caches(); layer++) {
        CacheSnapshot expected = engine.snapshot(layer, Pages.of(engine, 0), TOKENS);
        CacheSnapshot actual = engine.snapshot(layer, Pages.of(engine, 1), TOKENS);
        assertThat(Errors.relative(expected.key(), actual.key())).isLessThan(1e-5);
        assertThat(Errors.relative(expected.value(), actual.value())).isLessThan(1e-5);
      }
    }
  }

  private float[] logits(Engine engine) {
    float[] logits = new float[model.config().vocabulary()];
    engine.logits(0, logits);
    return logits;
  }
}
