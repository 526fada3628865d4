package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.eval.drift.ForcedCell.Cache;
import org.resa4j.eval.drift.ForcedCell.Query;
import org.resa4j.eval.worksheet.Worksheet;
import picocli.CommandLine;

/** The commands on the model that ships: what they write, and that they agree with each other. */
class EvalForcedAndDriftTest {
  @TempDir private Path folder;
  private Path tasks;
  private Exception thrown;

  @BeforeEach
  void sheets() throws IOException {
    tasks = folder.resolve("sheets.jsonl");
    Files.writeString(
        tasks,
        IntStream.of(10, 14)
            .mapToObj(
                lines ->
                    """
                    {"id": "%d lines", "prompt": "%s", "checker": "worksheet"}
                    """
                        .formatted(lines, Worksheet.random(lines, lines).prompt()))
            .collect(Collectors.joining()));
  }

  private int run(Object command, String... arguments) {
    PrintStream out = System.out;
    try {
      System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
      return new CommandLine(command)
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
  void whatIsLostToSelectionIsLostInDoublePrecisionToo() throws IOException {
    String[] harsh = {
      "--engine=jvm",
      "--kv-type=F32",
      "--block-size=16",
      "--min-blocks=2",
      "--local-blocks=1",
      "--keep-ratio=0.05",
      "--rectify-every=16",
      "--output=" + folder,
      tasks.toString()
    };
    assertThat(run(new EvalForcedCommand(), with(harsh, "--last=all", "--before=all"))).isZero();
    assertThat(run(new EvalDriftCommand(), with(harsh, "--recall-steps=8", "--samples=2")))
        .isZero();

    Map<String, ForcedRow> selecting =
        Rows.read(folder.resolve("forced.jsonl"), ForcedRow.class).stream()
            .filter(row -> row.cell().cache() == Cache.DENSE)
            .filter(row -> row.cell().query() == Query.SPARSE)
            .collect(Collectors.toMap(ForcedRow::text, row -> row));
    List<RecallRow> recalls =
        Rows.read(folder.resolve("recall.jsonl"), RecallRow.class).stream()
            .filter(row -> row.cache() == Cache.DENSE)
            .toList();
    assertThat(recalls).hasSize(16).extracting(RecallRow::right).contains(true, false);
    for (String text : selecting.keySet()) {
      int[] sampled = IntStream.range(0, 8).toArray();
      List<RecallRow> ofText =
          recalls.stream().filter(row -> row.text().equals(text)).toList().reversed();
      int scored = selecting.get(text).tokens();
      for (int i : sampled) {
        assertThat(ofText.get(i).right())
            .as("%s, sample %d", text, i)
            .isEqualTo(selecting.get(text).isRight(i * scored / 8));
      }
    }
    String table = Files.readString(folder.resolve("drift.md"));
    Files.delete(folder.resolve("drift.md"));
    assertThat(run(new EvalDriftCommand(), "--redraw", "--output=" + folder)).isZero();
    assertThat(folder.resolve("drift.md")).hasContent(table);
    assertThat(folder)
        .isDirectoryContaining("glob:**forced-loss-keep-0.05.png")
        .isDirectoryContaining("glob:**forced-causes.png")
        .isDirectoryContaining("glob:**drift-k-by-distance-keep-0.05.png")
        .isDirectoryContaining("glob:**recall-dense-keep-0.05.png");
    assertThat(Files.readString(folder.resolve("forced.md"))).contains("| 0.05 | 16 | 2 |");
    assertThat(table).contains("| 0.05 | ReSA 16, after | 2 | 4 | K | 0.0000");
  }

  private static String[] with(String[] arguments, String... more) {
    return IntStream.range(0, arguments.length + more.length)
        .mapToObj(i -> i < more.length ? more[i] : arguments[i - more.length])
        .toArray(String[]::new);
  }

  @Test
  void aTaskWithoutAnswerIsNoText() throws IOException {
    Files.writeString(
        tasks, "{\"prompt\": \"x\", \"checker\": {\"type\": \"contains\"}, \"answer\": []}");
    int code = run(new EvalForcedCommand(), "--engine=jvm", "--output=" + folder, tasks.toString());
    assertThat(code).isEqualTo(9);
    assertThat(thrown).hasMessageContaining("answer");
  }

  @Test
  void textsWithNothingToScoreAreLeftOut() throws IOException {
    String one = "{\"prompt\": \"x\", \"choices\": [\"#12\", \"#13\"], \"answer\": 1}\n";
    String[] flags = {"--engine=jvm", "--output=" + folder, "--before=all", tasks.toString()};
    Files.writeString(tasks, one);
    assertThat(run(new EvalForcedCommand(), flags)).isEqualTo(9);
    assertThat(thrown).hasMessageContaining("1 of 1 answers have no token to score");

    Files.writeString(tasks, one + "{\"id\": \"two\", \"prompt\": \"x\", \"answer\": \"#12 #13\"}");
    assertThat(run(new EvalForcedCommand(), flags)).isZero();
    assertThat(Rows.read(folder.resolve("forced.jsonl"), ForcedRow.class))
        .extracting(ForcedRow::text)
        .containsOnly("two");
  }

  @Test
  void flagsOutOfRangeLeaveEarlierRowsAlone() throws IOException {
    Path rows = Files.writeString(folder.resolve("forced.jsonl"), "earlier");
    String[] flags = {"--engine=jvm", "--output=" + folder, tasks.toString()};
    assertThat(run(new EvalForcedCommand(), with(flags, "--keep-ratio=1.5"))).isEqualTo(9);
    assertThat(run(new EvalForcedCommand(), with(flags, "--rectify-every=-8"))).isEqualTo(9);
    assertThat(rows).hasContent("earlier");
  }

  @Test
  void nothingIsMeasuredWithoutTexts() {
    assertThat(run(new EvalDriftCommand(), "--output=" + folder)).isEqualTo(9);
    assertThat(thrown).hasMessageContaining("no task file");
  }
}
