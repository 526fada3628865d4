package org.resa4j.eval.drift;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Golden;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;

/** Texts and an engine for tests: two layers, random weights, random tokens. */
final class Forced {
  static final Model MODEL = HuggingFace.load(Golden.model("qwen2"));

  private Forced() {}

  /** An engine for three texts of up to 200 tokens. */
  static Engine engine(int blockSize) {
    return new JvmEngineProvider()
        .open(
            MODEL,
            EngineOptions.of(200).withSequences(3).withBlockSize(blockSize).withEncodeTokens(24));
  }

  /** Texts of several lengths, with some tokens scored: neighbours, and one far from them. */
  static List<ForcedText> ragged() {
    return List.of(text("a", 61, 100), text("b", 48, 101), text("c", 70, 83));
  }

  private static ForcedText text(String id, int prompt, int length) {
    int[] tokens = new Random(length).ints(length, 0, MODEL.config().vocabulary()).toArray();
    int[] scored =
        IntStream.range(prompt + 1, length)
            .filter(i -> i == prompt + 1 || i % 7 < 2 || i == length - 1)
            .toArray();
    return new ForcedText(id, tokens, prompt, scored);
  }

  static int[] promptLengths(List<ForcedText> texts) {
    return texts.stream().mapToInt(ForcedText::promptLength).toArray();
  }

  static float[] copy(float[] logits) {
    return Arrays.copyOf(logits, logits.length);
  }
}
