package org.resa4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.cli.CommandLines;
import org.resa4j.cli.ExitCode;

class EvalCommandTest {
  @TempDir private Path folder;
  private String printed;
  private String faults;

  private int run(List<String> flags, String... more) {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringWriter errors = new StringWriter();
    try {
      System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      return CommandLines.of(new EvalCommand())
          .setErr(new PrintWriter(errors))
          .execute(all.toArray(String[]::new));
    } finally {
      System.setOut(out);
      printed = bytes.toString(StandardCharsets.UTF_8);
      faults = errors.toString();
    }
  }

  private ResultFile.Content results(Path output) {
    return ResultFile.read(output.resolve("results.jsonl"));
  }

  @Test
  void runsEveryTaskUnderEverySettingAndReportsThem() throws IOException {
    Path one = Sheets.write(folder.resolve("one.jsonl"), "one", 4);
    Path two = Sheets.write(folder.resolve("two.jsonl"), "two", 2);
    Path output = folder.resolve("out");
    List<String> flags = new ArrayList<>(Sheets.flags(one, output));
    flags.add(two.toString());
    assertThat(run(flags, "--rectify-every=8,32")).as(faults).isZero();

    List<Outcome> outcomes = results(output).outcomes();
    assertThat(outcomes).hasSize(6 * 4);
    assertThat(outcomes).extracting(Outcome::key).doesNotHaveDuplicates();
    assertThat(outcomes)
        .filteredOn(outcome -> outcome.setting().equals("dense"))
        .hasSize(6)
        .allSatisfy(outcome -> assertThat(outcome.verdict().right()).isTrue())
        .allSatisfy(outcome -> assertThat(outcome.blocksKept()).isEqualTo(outcome.blocksSeen()));
    assertThat(outcomes)
        .filteredOn(outcome -> outcome.setting().startsWith("ReSA keep 0.1 every 8"))
        .hasSize(6)
        .allSatisfy(outcome -> assertThat(outcome.blocksKept()).isLessThan(outcome.blocksSeen()))
        .allSatisfy(
            outcome ->
                assertThat(outcome.rectification().count())
                    .isEqualTo((outcome.generated() - 2) / 8));

    try (Stream<Path> files = Files.list(output)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "results.jsonl",
              "results.lock",
              "results.md",
              "results.csv",
              "results.json",
              "position-one-keep-0.1.png",
              "position-two-keep-0.1.png",
              "rectify-every-one.png",
              "rectify-every-two.png",
              "families-keep-0.1.png");
    }
    assertThat(printed).isEqualTo(Files.readString(output.resolve("results.md")));
    assertThat(printed)
        .contains(
            "| one | dense | 4 | 100.0 [51.0, 100.0] | 100.0",
            "| two | ReSA keep 0.1 every 32 | 2 |")
        .contains("blocks of 4 tokens, at least 4 kept, of those the last 2");
    assertThat(Files.readAllLines(output.resolve("results.csv"))).hasSize(1 + 2 * 4);
  }

  @Test
  void aSecondRunGoesOnAndAnotherRunIsRefused() throws IOException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", 3);
    Path output = folder.resolve("out");
    List<String> flags = Sheets.flags(tasks, output);
    assertThat(run(flags)).isZero();
    Path file = output.resolve("results.jsonl");
    List<String> lines = Files.readAllLines(file);

    // As a kill leaves it: some lines, and the last cut short.
    String head = lines.stream().limit(6).collect(Collectors.joining("\n", "", "\n"));
    Files.writeString(file, head + lines.get(6).substring(0, 40));
    assertThat(run(flags)).isZero();
    assertThat(Files.readAllLines(file)).containsExactlyInAnyOrderElementsOf(lines);
    assertThat(Files.readString(file)).startsWith(head);

    assertThat(run(flags, "--keep-ratio=0.2")).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("settings was dense", "--restart", "--output");
    // Where tasks have a length of their own, the flag's default is another limit than the flag.
    assertThat(run(flags, "-n=2048")).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("max_tokens was a task's, else 2048");
    assertThat(Files.readAllLines(file)).hasSameSizeAs(lines);
    assertThat(run(flags, "--settings=dense", "--rectify-every=off", "--restart")).isZero();
    assertThat(results(output).outcomes()).hasSize(3);
  }

  @Test
  void comparesWithAReferenceAndListsWhatDiffers() throws IOException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", 9);
    Path reference = folder.resolve("reference");
    assertThat(run(Sheets.flags(tasks, reference), "--settings=dense,sparse")).isZero();
    Path output = folder.resolve("out");
    List<String> flags = new ArrayList<>(Sheets.flags(tasks, output));
    flags.addAll(List.of("--settings=dense,sparse", "--limit=8", "--reference=" + reference));
    assertThat(run(flags)).isZero();
    assertThat(printed).contains("| sheet | dense | 8 |", "6 of 6 figures agree");

    // A reference in which dense decoding was never right.
    Path rows = reference.resolve("results.json");
    Files.writeString(
        rows,
        Files.readString(rows)
            .replaceFirst(
                "\"answers\":1.0,\"answers_lower\":[0-9.]+,\"answers_upper\":1.0",
                "\"answers\":0.0,\"answers_lower\":0.0,\"answers_upper\":0.05"));
    assertThat(run(flags)).isEqualTo(1);
    assertThat(printed)
        .contains("differs: sheet, dense: right answers: 100.0", "was 0.0 [0.0, 5.0]")
        .contains("5 of 6 figures agree");
    assertThat(run(List.of("report", output.toString(), "--reference=" + reference))).isEqualTo(1);
    assertThat(printed).contains("5 of 6 figures agree");

    Files.writeString(rows, "[]");
    assertThat(run(flags)).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("none of this run's");
  }

  @Test
  void reportsRunsAgainAndTogether() throws IOException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", 2);
    Path dense = folder.resolve("dense");
    Path sparse = folder.resolve("sparse");
    assertThat(run(Sheets.flags(tasks, dense), "--settings=dense", "--rectify-every=off")).isZero();
    assertThat(run(Sheets.flags(tasks, sparse), "--settings=sparse", "--rectify-every=off"))
        .isZero();
    String table = printed;
    Files.delete(sparse.resolve("results.md"));
    assertThat(run(List.of("report", sparse.toString()))).isZero();
    assertThat(Files.readString(sparse.resolve("results.md"))).isEqualTo(table).isEqualTo(printed);

    List<String> both = List.of("report", dense.toString(), sparse.toString());
    assertThat(run(both)).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("--output");
    assertThat(run(both, "--output=" + folder.resolve("both"))).isZero();
    assertThat(printed).contains("| sheet | dense | 2 |", "| sheet | sparse keep 0.1 | 2 |");
    assertThat(run(List.of("report", dense.toString(), dense.toString(), "--output=" + dense)))
        .isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("run twice");
  }

  @Test
  void exactModesTextsAreHeldAgainstDenseDecodings() throws IOException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", 3);
    Path output = folder.resolve("out");
    List<String> flags = new ArrayList<>(Sheets.flags(tasks, output));
    flags.addAll(List.of("--settings=dense,sparse,exact", "--draft=4,auto", "--keep-ratio=0.1"));
    assertThat(run(flags)).as(printed).isZero();
    assertThat(printed)
        .contains("## Exact mode", "| sheet | sparse keep 0.1 | 3 |")
        .containsPattern("\\| sheet \\| exact keep 0.1 draft 4 \\| 3 \\| 3 of 3 \\| 0 \\| 0 \\|")
        .containsPattern("\\| sheet \\| exact keep 0.1 draft auto \\| 3 \\| 3 of 3 \\|");
    assertThat(results(output).timings()).hasSize(4);
    assertThat(results(output).outcomes())
        .filteredOn(outcome -> outcome.setting().startsWith("exact keep 0.1 draft 4"))
        .hasSize(3)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.verifications().count()).isPositive();
              assertThat(outcome.steps()).isGreaterThanOrEqualTo(outcome.verifications().drafted());
            });
    SummaryRow read =
        Summary.read(output).rows().stream()
            .filter(row -> row.setting().shortName().equals("exact keep 0.1 draft 4"))
            .findFirst()
            .orElseThrow();
    assertThat(read.exact().orElseThrow().equality().equal()).isEqualTo(3);
    assertThat(read.exact().orElseThrow().tokensEach().orElseThrow().upper()).isLessThan(4.001);
    assertThat(read.exact().orElseThrow().time()).isPresent();
    String table = printed;
    assertThat(run(List.of("report", output.toString()))).isZero();
    assertThat(printed).isEqualTo(table);

    // A token of a text of exact mode changed: nothing but a fault of it can be the reason.
    Path file = output.resolve("results.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.replaceAll(
        line ->
            line.contains("\"sheet1\"") && line.contains("\"setting\":\"dense\"")
                ? line.replaceFirst("\"tokens\":\\[(\\d+),\\d+", "\"tokens\":[$1,0")
                : line);
    lines.removeIf(line -> line.contains("\"sheet1\"") && line.contains("draft 4"));
    Files.write(file, lines);
    assertThat(run(flags)).isEqualTo(1);
    assertThat(printed)
        .contains("2 of 3 | 0 | **1** |")
        .contains(
            "**FAULT, not dense decoding's text**: task 'sheet1' under 'exact keep 0.1 draft 4")
        .contains("at token 2 of", "margin");
  }

  @Test
  void severalSeedsAreSeveralTexts() throws IOException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", 2);
    Path output = folder.resolve("out");
    List<String> flags = new ArrayList<>(Sheets.flags(tasks, output));
    flags.addAll(List.of("--settings=dense,exact", "--seeds=1,2,3"));
    assertThat(run(flags)).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("--temperature");
    flags.add("--temperature=4");
    assertThat(run(flags)).as(printed).isZero();
    assertThat(results(output).outcomes()).hasSize(2 * 3 * 2);
    assertThat(results(output).outcomes()).extracting(Outcome::tokens).hasSize(12);
    assertThat(
            results(output).outcomes().stream()
                .filter(outcome -> outcome.setting().equals("dense"))
                .map(Outcome::tokens))
        .doesNotHaveDuplicates();
    assertThat(printed).contains("6 of 6 | 0 | 0 |", "Seeds [1, 2, 3]");
    List<String> before = Files.readAllLines(output.resolve("results.jsonl"));
    assertThat(run(flags)).isZero();
    assertThat(Files.readAllLines(output.resolve("results.jsonl"))).isEqualTo(before);
  }

  @Test
  void keepingAllIsDenseDecodingUnderAnotherName() throws IOException {
    Path tasks = Sheets.write(folder.resolve("one.jsonl"), "one", 1);
    List<String> flags = new ArrayList<>(Sheets.flags(tasks, folder.resolve("out")));
    flags.removeIf(flag -> flag.startsWith("--keep-ratio"));
    assertThat(run(flags, "--keep-ratio=1,0.1")).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("--settings dense");
  }

  @Test
  void anotherModelNeedsTasks() {
    assertThat(run(List.of("-m", "other", "--output=" + folder))).isEqualTo(ExitCode.USAGE);
    assertThat(faults).contains("Name files of tasks");
  }

  @Test
  void aPromptThatDoesNotFitIsNamedBeforeAnythingRuns() throws IOException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", 2);
    Path output = folder.resolve("out");
    assertThat(run(Sheets.flags(tasks, output), "-c=20")).isEqualTo(ExitCode.INPUT);
    assertThat(faults).contains("'sheet0'", "holds 20", "--ctx-size");
    assertThat(output).doesNotExist();
  }
}
