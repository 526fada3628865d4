package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command says where its output does not arrive, in processes of their own. */
class OutputTest {
  private static final File FULL = new File("/dev/full");

  @TempDir private Path folder;

  private record Ended(int code, String err) {}

  private static Ended end(Process process) throws IOException, InterruptedException {
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(err).isTrue();
    return new Ended(process.exitValue(), err);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run --engine jvm -n 3",
        "run --engine jvm -n 3 --json",
        "devices",
        "devices --json",
        "doctor",
        "--help",
        "run --help",
        "--version"
      })
  void aFullDiskIsSaid(String args) throws Exception {
    assumeTrue(FULL.exists(), "no /dev/full here");
    Ended ended = end(Cli.process(List.of(), args.split(" ")).redirectOutput(FULL).start());
    assertThat(ended.err).contains("resa: standard output cannot be written: ");
    assertThat(ended.code).isEqualTo(ExitCode.OUTPUT);
  }

  @Test
  void aFullDiskEndsAChat() throws Exception {
    assumeTrue(FULL.exists(), "no /dev/full here");
    Path model = Cli.chatModel(folder);
    Path typed = Files.writeString(folder.resolve("typed"), "one\ntwo\n");
    Ended ended =
        end(
            Cli.process(List.of(), "chat", "--engine", "jvm", "-n", "40", "-m", model.toString())
                .redirectInput(typed.toFile())
                .redirectOutput(FULL)
                .start());
    assertThat(ended.err).containsOnlyOnce("(stopped)").contains("cannot be written");
    assertThat(ended.code).isEqualTo(ExitCode.OUTPUT);
  }

  @Test
  void aReaderThatGoesAwayEndsItQuietly() throws Exception {
    Process process = Cli.process(List.of(), "run", "--engine", "jvm").start();
    try (InputStream out = process.getInputStream()) {
      assertThat(out.readNBytes(5)).hasSize(5);
    }
    Ended ended = end(process);
    assertThat(ended.err).doesNotContain("cannot be written", "Exception");
    // It was told to stop, and did not write all of it.
    assertThat(ended.err).contains("right as far as it goes");
    assertThat(ended.code).isZero();
  }
}
