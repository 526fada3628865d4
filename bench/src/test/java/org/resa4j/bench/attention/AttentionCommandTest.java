package org.resa4j.bench.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.bench.BenchMain;
import org.resa4j.bench.options.NamedShape;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import picocli.CommandLine;

class AttentionCommandTest {
  @TempDir private Path folder;

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream noted = new ByteArrayOutputStream();
    StringWriter usage = new StringWriter();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(noted, true, StandardCharsets.UTF_8));
      int code = BenchMain.commandLine().setErr(new PrintWriter(usage)).execute(arguments);
      return new Ran(
          code,
          printed.toString(StandardCharsets.UTF_8),
          noted.toString(StandardCharsets.UTF_8) + usage);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void rowsGoToStandardOutputAndFilesAndNothingElseDoes() {
    Ran ran =
        run(
            "attention",
            "--engine=jvm",
            "--shape=4/2/64,clerk",
            "--context=512,1K",
            "--batch=1",
            "-r=1",
            "--warm-up=0",
            "-o=csv",
            "--output=" + folder);
    assertThat(ran.code).as(ran.err).isZero();
    assertThat(ran.out.lines()).hasSize(1 + 2 * 2 * 7);
    assertThat(ran.out).startsWith("benchmark,").contains(",clerk,4,2,64,1,1024,");
    List<Row> rows = Report.read(folder.resolve("results.jsonl"));
    assertThat(rows).hasSize(28);
    assertThat(rows.getFirst().provenance().orElseThrow().flags())
        .startsWith("resa bench attention --engine=jvm --shape=");
    assertThat(folder.resolve("speed-up-attention-b1.png")).isNotEmptyFile();
    Ran again =
        run(
            "attention",
            "--engine=jvm",
            "--shape=4/2/64",
            "--context=512",
            "--batch=1",
            "-r=1",
            "--warm-up=0",
            "--peer=" + folder.resolve("results.jsonl"));
    assertThat(again.out.lines().filter(line -> line.startsWith("| jvm"))).hasSize(28 + 7);
    String file = folder.resolve("results.jsonl").toString();
    assertThat(run("report", file, "-o=csv").out).isEqualTo(ran.out);
    assertThat(run("report", folder + "/none.json").err).contains("none.json");
  }

  @Test
  void whatDoesNotFitIsLeftOutWithTheReason() {
    Ran ran =
        run("attention", "--engine=jvm", "--shape=64/64/128", "--context=2000M", "--batch=64");
    assertThat(ran.code).isZero();
    assertThat(ran.err).contains("left out: takes", "GiB are free");
    assertThat(ran.out).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--shape=7b, qwen2.5-1.5b",
    "--shape=5/2/64, 5 query heads",
    "--context=64G, 64G",
    "--context=3000M, too many",
    "--kv-type=q3, F16",
    "--device=moon:7, moon:7",
    "--keep-ratio=1.5, keepRatio",
    "--engine=abacus, abacus"
  })
  void whatIsNoSuchThingIsNamed(String argument, String expected) {
    Ran ran = run("attention", argument);
    assertThat(ran.code).isNotZero();
    assertThat(ran.err).contains(expected).doesNotContain("\tat ");
  }

  @Test
  void shapesAreThoseOfTheModels() {
    assertThat(NamedShape.of("clerk").shape()).isEqualTo(new AttentionShape(4, 2, 64));
    assertThat(NamedShape.of("28/4/128").shape()).isEqualTo(NamedShape.of("qwen2.5-7b").shape());
  }

  @Test
  void theCommandIsDescribed() {
    assertThat(new CommandLine(new AttentionCommand()).getUsageMessage())
        .contains("--all-devices", "--quick", "--peer");
  }
}
