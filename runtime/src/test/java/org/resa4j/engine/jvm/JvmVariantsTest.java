package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Errors;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Pages;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.model.Model;

/** The whole forward pass without the Vector API, and with caches in fp16 and q8. */
class JvmVariantsTest {
  private static final int TOKENS = 60;

  private final Model model = HuggingFace.load(Golden.model("qwen2"));
  private final Safetensors golden =
      Safetensors.open(Golden.file("models/qwen2/golden.safetensors"));

  @SuppressWarnings("MustBeClosedChecker") // the engine closes its arena
  private double error(VectorOps ops, KvType kvType) {
    EngineOptions options = EngineOptions.of(64);
    EngineInfo info =
        new EngineInfo(
            new JvmEngineProvider().devices().getFirst(),
            "vector",
            kvType,
            "F32",
            0,
            true,
            options.tablePages(),
            0,
            options);
    int vocabulary = model.config().vocabulary();
    float[] logits = new float[vocabulary];
    try (Engine engine = new JvmEngine(model, info, ops, new Workers(3), Arena.ofShared())) {
      Pages.encode(engine, 0, 0, golden.integers("input_ids"), 0, TOKENS, true);
      engine.logits(0, logits);
    }
    float[] expected =
        java.util.Arrays.copyOfRange(
            golden.tensor("logits").toFloats(), (TOKENS - 1) * vocabulary, TOKENS * vocabulary);
    return Errors.relative(expected, logits);
  }

  @Test
  void plainLoopsGiveTheReferencesLogits() {
    assertThat(error(new ScalarOps(), KvType.F32)).isLessThan(2e-4);
  }

  @Test
  void aCacheInHalfPrecisionCostsItsRoundingOnly() {
    assertThat(error(new PanamaOps(), KvType.F16)).isBetween(1e-7, 2e-3);
  }
}
