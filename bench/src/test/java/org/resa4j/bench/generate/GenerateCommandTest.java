package org.resa4j.bench.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.attention.DraftLength;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.cli.UsageException;
import org.resa4j.error.InputException;
import picocli.CommandLine;

class GenerateCommandTest {
  @TempDir private Path folder;
  private Exception thrown;

  private int run(String... arguments) {
    PrintStream out = System.out;
    try {
      System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
      return new CommandLine(new GenerateCommand())
          .setExecutionExceptionHandler(
              (exception, line, result) -> {
                thrown = exception;
                return 9;
              })
          .execute(arguments);
    } finally {
      System.setOut(out);
    }
  }

  @Test
  void reportsPrefillAndDecodingDenseAndSparseWithStages() {
    int code =
        run("--engine=jvm", "-p=16", "-n=32", "-d=0,512", "-b=1,2", "-r=1", "--output=" + folder);
    assertThat(thrown).isNull();
    assertThat(code).isZero();
    List<Row> rows = Report.read(folder.resolve("results.jsonl"));
    assertThat(rows)
        .filteredOn(row -> row.tokens().isPresent())
        .extracting(row -> row.work().batch() + " " + row.work().context() + " " + row.stage())
        .containsExactly(
            "1 16 pp16",
            "1 32 dense tg32",
            "1 32 ReSA tg32",
            "1 32 auto tg32",
            "1 32 exact tg32",
            "1 512 pp16",
            "1 512 dense tg32",
            "1 512 ReSA tg32",
            "1 512 auto tg32",
            "1 512 exact tg32",
            "2 16 pp16",
            "2 32 dense tg32",
            "2 32 ReSA tg32",
            "2 32 auto tg32",
            "2 32 exact tg32",
            "2 512 pp16",
            "2 512 dense tg32",
            "2 512 ReSA tg32",
            "2 512 auto tg32",
            "2 512 exact tg32");
    assertThat(rows)
        .extracting(Row::stage)
        .contains(
            "rectify of ReSA tg32",
            "estimate of ReSA tg32",
            "attend of dense tg32",
            "verify of exact tg32")
        .doesNotContain("rectify of dense tg32");
    assertThat(rows).allSatisfy(row -> assertThat(row.error()).isLessThan(1e-4));
  }

  @Test
  void resaAloneAndDenseAlone() {
    run("--engine=jvm", "-p=0", "-n=32", "-d=64", "-r=1", "--resa", "--output=" + folder);
    assertThat(Report.read(folder.resolve("results.jsonl")))
        .extracting(Row::stage)
        .contains("ReSA tg32")
        .doesNotContain("dense tg32");
    run("--engine=jvm", "-p=0", "-n=5", "-d=64", "-r=1", "--dense", "--output=" + folder);
    assertThat(Report.read(folder.resolve("results.jsonl")))
        .extracting(Row::stage)
        .contains("dense tg5")
        .noneMatch(stage -> stage.contains("ReSA"));
  }

  @Test
  void exactModeHasTheWindowAndTheAcceptanceAskedFor() {
    run(
        "--engine=jvm",
        "-p=0",
        "-n=32",
        "-d=64",
        "-r=1",
        "--no-stages",
        "--exact",
        "--draft=8",
        "--acceptance=0.5",
        "--output=" + folder);
    List<Row> rows = Report.read(folder.resolve("results.jsonl"));
    assertThat(rows)
        .extracting(Row::stage)
        .containsExactly("dense tg32", "ReSA tg32", "auto tg32", "exact tg32");
    assertThat(rows.get(1).work().config().rectifyEvery()).isEqualTo(16);
    assertThat(rows.getLast().work().config().exact()).contains(DraftLength.of(8));
    assertThat(rows.getLast().work().acceptance()).hasValue(0.5);
    assertThat(folder.resolve("results.md")).content().contains("acceptance given: 0.5");
  }

  @Test
  void anAcceptanceThatIsNoneIsRefused() {
    run("--engine=jvm", "--acceptance=1.5");
    assertThat(thrown).isInstanceOf(UsageException.class).hasMessageContaining("1.5");
    run("--engine=jvm", "--exact", "--draft=32", "-ub=16");
    assertThat(thrown).isInstanceOf(UsageException.class).hasMessageContaining("-ub");
  }

  @Test
  void aSharedCacheNeedsAModelThatHasIt() {
    run("--engine=jvm", "--shared-cache");
    assertThat(thrown).isInstanceOf(InputException.class).hasMessageContaining("--synthetic");
  }

  @Test
  void theModelIsWrittenForOtherBuildsOfAPeer() {
    Path file = folder.resolve("clerk.gguf");
    run("--engine=jvm", "-p=16", "-n=0", "-d=0", "-r=1", "--no-stages", "--gguf=" + file);
    assertThat(thrown).isNull();
    // Its header, and weights in the sixteen bits that the model has.
    assertThat(file).content(StandardCharsets.ISO_8859_1).startsWith("GGUF");
    assertThat(file.toFile().length()).isGreaterThan(2 * 1410 * 256);
    run("--engine=jvm", "--synthetic=qwen2.5-0.5b", "--gguf=" + file);
    assertThat(thrown).isInstanceOf(InputException.class).hasMessageContaining("--gguf");
  }

  @Test
  void aPeersFileWithoutRowsIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("peer.json"));
    run("--engine=jvm", "--peer=" + file);
    assertThat(thrown).isInstanceOf(InputException.class).hasMessageContaining("no rows");
  }

  @Test
  void anUnknownShapeIsRefusedWithTheKnownOnes() {
    assertThat(run("--synthetic=qwen")).isEqualTo(CommandLine.ExitCode.USAGE);
  }
}
