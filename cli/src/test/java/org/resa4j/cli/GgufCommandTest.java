package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.resa4j.cli.Cli.resa;
import static org.resa4j.cli.Cli.resaReading;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.cli.Cli.Outcome;
import org.resa4j.engine.Golden;

/** Commands with quantised weights. */
class GgufCommandTest {
  @TempDir private Path folder;

  private static String model(String name) {
    return Golden.file("gguf/models/" + name + ".gguf").toString();
  }

  @Test
  void runWritesAStoryAndSaysWhatTheWeightsAre() {
    Outcome outcome =
        resa(
            "run",
            "--engine",
            "jvm",
            "-m",
            model("stories260K-Q8_0"),
            "-p",
            "Once upon a time",
            "-n",
            "6",
            "--dense");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).startsWith(", there was a little");
    assertThat(outcome.err()).contains("stories260K-Q8_0 · weights Q8_0+F16, 10.2 bits each");
  }

  @Test
  void chatUsesTheFilesTemplate() {
    Outcome outcome =
        resaReading("Hi\n/quit\n", "chat", "--engine", "jvm", "-m", model("qwen2-Q4_0"), "-n", "4");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("qwen2-Q4_0 · weights Q4_0+Q8_0");
  }

  @Test
  void weightsAreQuantisedOnRequest() throws IOException {
    String directory = Cli.chatModel(folder).toString();
    for (String type : new String[] {"q8", "q4"}) {
      Outcome outcome =
          resa("run", "--engine", "jvm", "-m", directory, "-p", "a", "-n", "2", "--weights", type);
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.err())
          .contains(type.equals("q8") ? "weights Q8_0," : "weights Q4_0+Q8_0,");
    }
    Outcome twice =
        resa("run", "--engine", "jvm", "-m", model("llama3-Q4_0"), "-p", "a", "--weights", "q8");
    assertThat(twice.code()).isEqualTo(3);
    assertThat(twice.err()).contains("token_embd.weight is", "already", "see --weights");
  }

  @Test
  void whatIsNoGgufFileIsTold() throws IOException {
    Path file = Files.writeString(folder.resolve("a.gguf"), "not at all");
    Outcome outcome = resa("run", "-m", file.toString(), "-p", "a");
    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err()).contains("a.gguf: not a GGUF file");
  }
}
