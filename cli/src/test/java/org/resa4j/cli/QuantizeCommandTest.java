package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.resa4j.cli.Cli.resa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.cli.Cli.Outcome;

/** {@code resa quantize}, and what runs its file. */
class QuantizeCommandTest {
  @TempDir private Path folder;

  @Test
  void aDirectoryBecomesAFileThatRuns() throws IOException {
    String model = Cli.chatModel(folder).toString();
    String file = folder.resolve("talker-q4.gguf").toString();
    Outcome outcome = resa("quantize", "-m", model, "--type", "q4_0", "-o", file);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .startsWith(file + ": ")
        .contains(" bits per weight; matrices: 1 Q8_0, 14 Q4_0\n");
    assertThat(outcome.err()).contains("writing tensors", "note: text is not brought into");

    String[] run = {"run", "--engine", "jvm", "-m", file, "-p", "Hi there", "-n", "8"};
    Outcome fromFile = resa(run);
    assertThat(fromFile.code()).as(fromFile.err()).isZero();
    run[4] = model;
    String[] quantised = Arrays.copyOf(run, run.length + 2);
    quantised[run.length] = "--weights";
    quantised[run.length + 1] = "q4";
    assertThat(fromFile.out()).isEqualTo(resa(quantised).out());

    Outcome again = resa("quantize", "-m", model, "--type", "F16", "-o", file);
    assertThat(again.code()).isEqualTo(ExitCode.INPUT);
    assertThat(again.err()).contains("is there already; --force replaces it");
    long before = Files.size(Path.of(file));
    assertThat(resa("quantize", "-m", model, "--type", "F16", "-o", file, "--force").code())
        .isZero();
    assertThat(Files.size(Path.of(file))).isGreaterThan(before);
  }

  @Test
  void whatCannotBeWrittenIsTold() throws IOException {
    String model = Cli.chatModel(folder).toString();
    String file = folder.resolve("a.gguf").toString();
    Outcome type = resa("quantize", "-m", model, "--type", "Q6_K", "-o", file);
    assertThat(type.code()).isEqualTo(ExitCode.USAGE);
    assertThat(type.err()).contains("--type must be one of [F32, F16, BF16, Q8_0, Q4_0]");
    Outcome name = resa("quantize", "-m", model, "--type", "F16", "-o", "a.bin");
    assertThat(name.code()).isEqualTo(ExitCode.USAGE);
    assertThat(name.err()).contains("ends in .gguf");
    Outcome nowhere =
        resa(
            "quantize", "-m", model, "--type", "F16", "-o", folder.resolve("no/a.gguf").toString());
    assertThat(nowhere.code()).isEqualTo(ExitCode.INPUT);
    assertThat(nowhere.err()).contains("there is no directory");
  }

  /** Its tokens are whole words, of which GGUF knows nothing. */
  @Test
  void theModelThatShipsIsRefused() {
    String file = folder.resolve("clerk.gguf").toString();
    Outcome outcome = resa("quantize", "--type", "Q8_0", "-o", file);
    assertThat(outcome.code()).isEqualTo(ExitCode.INPUT);
    assertThat(outcome.err()).contains("no GGUF file can have this tokenizer: model WordLevel");
    assertThat(Path.of(file)).doesNotExist();
  }
}
