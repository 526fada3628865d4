package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.cache.CacheFiles;
import org.resa4j.cli.Cli.Outcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code resa run --cache-file}, and what is left of a run that is interrupted. */
class CacheFileTest {
  @TempDir private Path folder;

  private static Outcome run(Path file, String prompt, int tokens, String... more) {
    List<String> args =
        List.of(
            "run", "--engine", "jvm", "-p", prompt, "-n", "" + tokens, "--cache-file", "" + file);
    return Cli.resa(Stream.concat(args.stream(), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void aShortTextIsSavedWholeAndGoneOnWith() {
    Path file = folder.resolve("text.kv");
    Outcome first = run(file, "hi", 20, "--ignore-eos");
    assertThat(first.code()).as(first.err()).isZero();
    int[] saved = CacheFiles.tokens(file);
    assertThat(first.err()).contains(saved.length + " tokens saved");
    Outcome again = run(file, "hi", 30, "--ignore-eos");
    assertThat(again.err()).contains(saved.length + " tokens of");
    assertThat(again.out()).startsWith(first.out().strip());
    assertThat(CacheFiles.tokens(file)).hasSize(saved.length + 10).startsWith(saved);
  }

  @Test
  void aShorterRunLeavesTheFileAsItIs() throws Exception {
    Path file = folder.resolve("text.kv");
    run(file, "hi", 40, "--ignore-eos");
    byte[] before = Files.readAllBytes(file);
    Outcome shorter = run(file, "hi", 3, "--ignore-eos");
    assertThat(shorter.code()).isZero();
    assertThat(shorter.err()).contains("stays as it is");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void aFileThatCannotBeIsRefusedBeforeAnythingIsWritten() throws Exception {
    Outcome nowhere = run(folder.resolve("no/text.kv"), "hi", 5);
    assertThat(nowhere.code()).isEqualTo(3);
    assertThat(nowhere.err()).contains("there is no directory");
    assertThat(nowhere.out()).isEmpty();
    assertThat(run(Path.of(""), "hi", 5).code()).isEqualTo(2);
    assertThat(run(folder, "hi", 5).err()).contains("no regular file");
    Path other = Files.writeString(folder.resolve("other"), "something else");
    assertThat(run(other, "hi", 5).err()).contains("not a saved cache");
    assertThat(other).hasContent("something else");
  }

  @Test
  void anInterruptLeavesWhatWasWrittenAndMeasured() throws Exception {
    Path err = folder.resolve("err");
    Path file = folder.resolve("text.kv");
    Process process =
        Cli.process(
                List.of(),
                "run",
                "--engine",
                "jvm",
                "-p",
                "hi",
                "-n",
                "20000",
                "--ignore-eos",
                "--json",
                "--stats",
                "--cache-file",
                file.toString())
            .redirectError(err.toFile())
            .start();
    while (process.isAlive() && !Files.readString(err).contains("(")) {
      Thread.sleep(20);
    }
    // Long enough for some words on a busy machine, too short for all of them.
    Thread.sleep(4000);
    // SIGTERM; SIGINT, which does the same, is ignored by what a shell starts in the background.
    process.toHandle().destroy();
    String out;
    try (BufferedReader reader = process.inputReader()) {
      out = reader.lines().collect(Collectors.joining("\n"));
    }
    process.waitFor();
    JsonNode report = new JsonMapper().readTree(out);
    assertThat(report.path("finish").asString()).isEqualTo("cancelled");
    assertThat(Files.readString(err)).contains("tokens/s").contains("tokens saved");
    assertThat(CacheFiles.tokens(file).length).isGreaterThan(1);
  }
}
