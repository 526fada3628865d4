package org.resa4j.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.error.InputException;
import picocli.CommandLine;

class ServeCommandTest {
  private static final String[] SHORT = {
    "--engine=jvm", "--requests=4", "--over=0.2", "--prompt=128", "--text=48"
  };

  @TempDir private Path folder;
  private Exception thrown;
  private String noted;

  private int runShort(String... more) {
    List<String> arguments = new ArrayList<>(List.of(SHORT));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream notes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(notes, true, StandardCharsets.UTF_8));
      return new CommandLine(new ServeCommand())
          .setExecutionExceptionHandler(
              (exception, line, result) -> {
                thrown = exception;
                return 9;
              })
          .execute(arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
      noted = notes.toString(StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--dense", "--rectify-every=8", "--exact"})
  void everyTextIsHeldAgainstItsTextAlone(String mode) {
    int code =
        runShort("--sequences=3", "--beside=256", "-r=2", mode, "-ub=32", "--output=" + folder);
    assertThat(code).as(noted).isZero();
    // Twice 4 requests; 2 texts and the long prompt.
    assertThat(noted).contains("14 texts of 14 are those written alone");
    Map<String, Row> rows =
        Report.read(folder.resolve("results.jsonl")).stream()
            .collect(Collectors.toMap(Row::stage, Function.identity()));
    assertThat(rows)
        .hasSize(2 * 8 + 2 * 3)
        .containsKeys("alone: busy", "served: first token p99", "beside prefill: gap max");
    assertThat(rows.get("served: busy").tokens()).isEqualTo(rows.get("alone: busy").tokens());
    assertThat(rows.get("served: busy").time().median())
        .isLessThanOrEqualTo(rows.get("served: wall").time().median());
    assertThat(rows.get("served: gap p99").time().median())
        .isGreaterThanOrEqualTo(rows.get("served: gap").time().median());
    assertThat(rows.get("beside prefill: gap").work().context()).isEqualTo(256);
  }

  @Test
  void oneSequenceHasNobodyBesideIt() {
    assertThat(runShort("--sequences=1", "--output=" + folder)).isZero();
    assertThat(Report.read(folder.resolve("results.jsonl")))
        .hasSize(2 * 8)
        .noneMatch(row -> row.stage().contains("prefill"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--requests=0", "--sequences=0", "--over=-1", "-r=0", "--shared-cache"})
  void whatCannotBeServedIsRefused(String argument) {
    assertThat(run(argument)).isNotZero();
    assertThat(thrown).isInstanceOf(InputException.class);
  }
}
