package org.resa4j.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.ModelFlags;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.Tokenizer;

/** The exported model, with the very weights, writes what ours writes. */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "other builds of llama.cpp are not known to us")
class LlamaComparisonTest {
  private static final Path DIRECTORY = ModelFlags.shipped();
  private static final String PROMPT =
      "<bos> #97 ror = 3 - 4 + 8 ; #98 zil = ror - 8 + 2 ; solve #98 ;";
  private static final int COUNT = 16;

  private final Model model = HuggingFace.load(DIRECTORY);

  @Test
  void theExportedModelWritesWhatOursWrites() {
    int[] prompt = Tokenizer.load(DIRECTORY).encode(PROMPT, false);
    int[] expected = greedy(prompt);
    try (LlamaComparison llama = new LlamaComparison(model, DIRECTORY, 256)) {
      assertThat(llama.error(prompt, expected)).isZero();
      assertThat(llama.decode(prompt, 8)).isPositive();
    }
    expected[3]++;
    try (LlamaComparison llama = new LlamaComparison(model, DIRECTORY, 256)) {
      assertThat(llama.error(prompt, expected)).isEqualTo(1.0 / COUNT);
    }
  }

  private int[] greedy(int[] prompt) {
    int[] written = new int[COUNT];
    try (Engine engine = new JvmEngineProvider().open(model, EngineOptions.of(256))) {
      BlockTable table = BlockTable.slots(engine.info()).getFirst();
      engine.encode(EncodeBatch.of(table, 0, prompt, 0, prompt.length, EncodeBatch.Logits.LAST));
      StepBatch batch = new StepBatch(1);
      for (int i = 0; i < COUNT; i++) {
        written[i] = engine.argmax(0);
        batch.clear();
        batch.add(table, written[i], prompt.length + i, ResaConfig.dense(16));
        engine.step(batch);
      }
    }
    return written;
  }
}
