package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.model.Model;
import org.resa4j.reference.ReferenceModel;

/** What engines are held against is itself held against the reference library's logits. */
class ReferenceModelTest {
  private static final int TOKENS = 40;

  private static Safetensors golden(String name) {
    return Safetensors.open(Golden.file("models/" + name + "/golden.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "qwen3", "llama3", "mistral"})
  void givesTheReferenceLibrarysLogits(String name) {
    Model model = HuggingFace.load(Golden.model(name));
    int[] ids = golden(name).integers("input_ids");
    float[] expected = golden(name).tensor("logits").toFloats();
    ReferenceModel forward = new ReferenceModel(model, TOKENS);
    int vocabulary = model.config().vocabulary();
    for (int position = 0; position < TOKENS; position++) {
      double[] logits = forward.step(ids[position], position, ResaConfig.dense(16));
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < vocabulary; i++) {
        double reference = expected[position * vocabulary + i];
        difference += Math.pow(logits[i] - reference, 2);
        norm += reference * reference;
      }
      assertThat(Math.sqrt(difference / norm)).as("position " + position).isLessThan(1e-4);
    }
  }

  @Test
  void writesWhatTheReferenceLibraryWrites() {
    int[] expected = golden("qwen2").integers("greedy_from_40");
    int[] prompt = Arrays.copyOf(expected, 40);
    int[] written =
        ReferenceModel.greedy(
            HuggingFace.load(Golden.model("qwen2")), prompt, expected.length - 40);
    assertThat(written).isEqualTo(Arrays.copyOfRange(expected, 40, expected.length));
  }

  @Test
  void keepsFewerBlocksWhereItIsToldTo() {
    Model model = HuggingFace.load(Golden.model("qwen2"));
    int[] ids = golden("qwen2").integers("input_ids");
    ReferenceModel forward = new ReferenceModel(model, 100);
    for (int position = 0; position < 99; position++) {
      forward.step(ids[position], position, ResaConfig.dense(16));
    }
    double[] dense = forward.step(ids[99], 99, ResaConfig.dense(16));
    double[] all = forward.step(ids[99], 99, new ResaConfig(16, 1, 1, 1, 0));
    double[] few = forward.step(ids[99], 99, new ResaConfig(16, 0.2, 2, 1, 0));
    assertThat(all).isEqualTo(dense);
    assertThat(few).isNotEqualTo(dense);
  }
}
