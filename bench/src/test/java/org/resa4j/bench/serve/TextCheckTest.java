package org.resa4j.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Golden;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;

/** The benchmark's own check: it must pass right texts and see wrong ones. */
class TextCheckTest {
  private static final int[] PROMPT = {5, 9, 23, 7};

  private final Model model = HuggingFace.load(Golden.model("qwen2"));
  private Engine engine;
  private TextCheck check;
  private int[] text;

  @BeforeEach
  void write() {
    engine = new JvmEngineProvider().open(model, EngineOptions.of(64));
    int vocabulary = model.config().vocabulary();
    check = new TextCheck(engine, vocabulary, ResaConfig.DEFAULT);
    text =
        new Server(engine, vocabulary, ResaConfig.DEFAULT)
            .serve(List.of(new Arrival(0, PROMPT, 16)), 1)
            .texts()
            .getFirst()
            .tokens();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void passesTheSameAndABeginning() {
    check.compare(PROMPT, text, text.clone());
    check.compare(PROMPT, text, Arrays.copyOf(text, 9));
    assertThat(check.isRight()).isTrue();
    assertThat(check.toString()).startsWith("2 texts of 2");
  }

  @Test
  void seesAnotherToken() {
    int[] other = text.clone();
    other[5] = (other[5] + 1) % model.config().vocabulary();
    check.compare(PROMPT, text, other);
    assertThat(check.isRight()).isFalse();
    assertThat(check.toString()).contains("1 are wrong");
  }
}
