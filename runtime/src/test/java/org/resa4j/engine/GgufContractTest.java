package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.ResaConfig;
import org.resa4j.format.Gguf;
import org.resa4j.format.Safetensors;
import org.resa4j.format.WeightAccess;
import org.resa4j.model.Model;

/**
 * Models from GGUF files of every format, on every device of an engine: logits and greedy tokens
 * against the same weights, as ggml dequantises them, in double precision, and against llama.cpp's
 * own. An engine's module extends this with its provider.
 */
public abstract class GgufContractTest {
  private static final List<String> MODELS =
      List.of(
          "qwen2-F32",
          "qwen3-F16",
          "llama3-F16",
          "mistral-BF16",
          "llama3-Q8_0",
          "llama3-Q4_0",
          "llama3-Q4_1",
          "llama3-Q5_0",
          "llama3-IQ4_NL",
          "llama3-Q4_K_M",
          "qwen2-Q4_0",
          "wide-Q4_K_M",
          "wide1-Q6_K",
          "wide1-Q3_K_M",
          "wide1-Q2_K",
          "stories260K-F32",
          "stories260K-Q8_0");

  /**
   * Of a logit, in fp32; where something is rounded to fp16, as much as llama.cpp rounds inputs.
   */
  private static final float EXACT = 1e-4f;

  private static final float ROUNDED = 2e-2f;

  /** llama.cpp rounds what it multiplies to 8 bits: the golden data's README has the distances. */
  private static final float LLAMA_CPP = 0.4f;

  private static final int PROMPT = 40;

  protected abstract EngineProvider provider();

  /** The files that are run; all, unless an engine's other test has them. */
  protected List<String> models() {
    return MODELS;
  }

  @TestFactory
  Stream<DynamicTest> logitsAndTokensAreThoseOfTheDequantisedWeights() {
    return provider().devices().stream()
        .flatMap(
            device ->
                models().stream()
                    .map(
                        name ->
                            DynamicTest.dynamicTest(
                                device.id() + " " + name, () -> check(device, name))));
  }

  private void check(Device device, String name) {
    Safetensors golden = Safetensors.open(Golden.file("gguf/logits/" + name + ".safetensors"));
    try (Arena arena = Arena.ofShared()) {
      Model model =
          Gguf.load(Golden.file("gguf/models/" + name + ".gguf"), arena, WeightAccess.MAPPED)
              .model();
      EngineOptions options =
          EngineOptions.of(96).withEncodeTokens(64).withDevice(device.id()).withKvType(KvType.F32);
      try (Engine engine = provider().open(model, options)) {
        float tolerance = rounds(engine.info()) ? ROUNDED : EXACT;
        // stories260K's logits are seven times as large as the others'.
        float size = name.startsWith("stories") ? 7 : 1;
        checkLogits(engine, model.config().vocabulary(), golden, tolerance * size);
        checkGreedy(engine, golden, tolerance * size);
      }
    }
  }

  /** A device with fp16 has it too where weights stay quantised: for scales, and products. */
  private static boolean rounds(EngineInfo info) {
    String weights = info.weightType();
    return weights.contains("F16")
        || info.device().fp16() && !info.weightsInPlace() && !weights.equals("F32");
  }

  private static void checkLogits(
      Engine engine, int vocabulary, Safetensors golden, float tolerance) {
    int[] ids = golden.integers("ids");
    int[] positions = golden.integers("positions");
    float[] exact = golden.tensor("exact_logits").toFloats();
    float[] llamaCpp = golden.tensor("logits").toFloats();
    float[] logits = new float[vocabulary];
    int cached = 0;
    for (int i = 0; i < positions.length; i++) {
      int count = positions[i] + 1 - cached;
      Pages.encode(engine, 0, cached, ids, cached, count, true);
      cached += count;
      engine.logits(0, logits);
      for (int token = 0; token < vocabulary; token++) {
        assertThat(Math.abs(logits[token] - exact[i * vocabulary + token]))
            .as("logit %d at position %d", token, positions[i])
            .isLessThan(tolerance);
        assertThat(Math.abs(logits[token] - llamaCpp[i * vocabulary + token]))
            .as("llama.cpp's logit %d at position %d", token, positions[i])
            .isLessThan(LLAMA_CPP);
      }
    }
  }

  /** Up to the first choice that rounding may turn over. */
  private static void checkGreedy(Engine engine, Safetensors golden, float tolerance) {
    int[] greedy = golden.integers("exact_greedy");
    float[] margins = golden.tensor("exact_greedy_margin").toFloats();
    Pages.encode(engine, 0, 0, golden.integers("prompt"), 0, PROMPT, true);
    StepBatch batch = new StepBatch(1);
    int equal = 0;
    for (int i = 0; i < greedy.length && margins[i] > 2 * tolerance; i++) {
      assertThat(engine.argmax(0)).as("token " + i).isEqualTo(greedy[i]);
      equal++;
      batch.clear();
      batch.add(Pages.of(engine, 0), greedy[i], PROMPT + i, ResaConfig.dense(16));
      engine.step(batch);
    }
    if (tolerance == EXACT) {
      assertThat(equal).isEqualTo(greedy.length);
    }
  }
}
