package org.resa4j.bench.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.attention.AttentionBenchmark.Effort;
import org.resa4j.bench.attention.WrongEngine.Mistake;
import org.resa4j.bench.options.NamedShape;
import org.resa4j.bench.report.Format;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.engine.jvm.JvmEngineProvider;

/** One case of the benchmark: right results are reported, wrong ones never. */
class AttentionBenchmarkTest {
  private static final NamedShape SHAPE = new NamedShape("small", new AttentionShape(4, 2, 64));
  private static final int CONTEXT = 2048;

  private record Outcome(boolean right, List<Row> rows, String printed) {
    List<String> stages() {
      return rows.stream().map(Row::stage).toList();
    }
  }

  private static Outcome run(EngineProvider provider, int device, ResaConfig config) {
    return run(provider, device, config, List.of(Pages.CONTIGUOUS));
  }

  private static Outcome run(
      EngineProvider provider, int device, ResaConfig config, List<Pages> pages) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Choice on = new Choice(provider, provider.devices().get(device));
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Report report = new Report(Format.CSV, out)) {
      boolean right =
          new AttentionBenchmark(
                  on,
                  Optional.empty(),
                  config,
                  pages,
                  new Effort(Duration.ZERO, Duration.ZERO, 3),
                  OptionalDouble.of(1e10))
              .run(SHAPE, 2, CONTEXT, report);
      return new Outcome(right, report.rows(), bytes.toString(StandardCharsets.UTF_8));
    }
  }

  @TestFactory
  List<DynamicTest> everyEngineHereComputesWhatItReports() {
    return Engines.all().stream()
        .flatMap(
            provider ->
                IntStream.range(0, provider.devices().size())
                    .mapToObj(
                        device ->
                            DynamicTest.dynamicTest(
                                provider.devices().get(device).id(),
                                () -> check(run(provider, device, ResaConfig.DEFAULT)))))
        .toList();
  }

  private static void check(Outcome outcome) {
    assertThat(outcome.right).isTrue();
    assertThat(outcome.stages())
        .containsExactly(
            "dense step", "estimate", "select", "attend", "sparse step", "rectify/f", "ReSA step");
    for (Row row : outcome.rows) {
      assertThat(row.error()).as(row.stage()).isLessThan(2e-3);
      assertThat(row.time().median()).as(row.stage()).isPositive();
      assertThat(row.copyShare()).as(row.stage()).isPresent();
    }
    assertThat(outcome.rows.getFirst().error()).isPositive();
    assertThat(outcome.rows.get(6).time().median())
        .isEqualTo(outcome.rows.get(4).time().median() + outcome.rows.get(5).time().median());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DENSE   | estimate,select,attend,sparse step,rectify/f,ReSA step",
        "ATTEND  | dense step,estimate,select,rectify/f",
        "SELECT  | dense step,rectify/f",
        "RECTIFY | dense step,estimate,select,attend,sparse step"
      })
  void whatIsWrongIsNotReported(Mistake mistake, String reported) {
    EngineProvider wrong =
        new WrongEngine(Engines.choose(Optional.of("jvm"), Optional.empty()).provider(), mistake);
    Outcome outcome = run(wrong, 0, ResaConfig.DEFAULT);
    assertThat(outcome.right).isFalse();
    assertThat(outcome.stages()).containsExactly(reported.split(","));
    assertThat(outcome.printed.lines()).hasSize(outcome.rows.size() + 1);
  }

  @Test
  void scatteredPagesAreMeasuredBesideContiguousOnes() {
    EngineProvider jvm = Engines.choose(Optional.of("jvm"), Optional.empty()).provider();
    Outcome outcome = run(jvm, 0, ResaConfig.DEFAULT, List.of(Pages.values()));
    assertThat(outcome.right).isTrue();
    assertThat(outcome.rows.subList(0, 7)).allMatch(row -> row.work().name().equals("small"));
    assertThat(outcome.rows.subList(7, 14))
        .allMatch(row -> row.work().name().equals("small scattered"));
    assertThat(outcome.rows).hasSize(14);
  }

  @Test
  void pagesOfAllSequencesAreOthersAndScatteredOnesHaveNoNeighbours() {
    EngineOptions options =
        EngineOptions.of(200).withSequences(3).withBlockSize(16).withPageBlocks(4);
    JvmEngineProvider jvm = new JvmEngineProvider();
    EngineInfo info;
    try (AttentionLayer layer = jvm.openAttention(SHAPE.shape(), options)) {
      info = layer.info();
    }
    for (Pages pages : Pages.values()) {
      List<Integer> all =
          pages.tables(info, 0).stream()
              .flatMap(table -> IntStream.range(0, table.size()).mapToObj(table::page))
              .toList();
      assertThat(all).doesNotHaveDuplicates().hasSize(info.pages());
    }
    BlockTable scattered = Pages.SCATTERED.tables(info, 0).get(1);
    assertThat(IntStream.range(0, scattered.size()).map(scattered::page))
        .containsExactly(10, 7, 4, 1);
  }

  @Test
  void withoutRectificationThereIsNoneToReport() {
    EngineProvider jvm = Engines.choose(Optional.of("jvm"), Optional.empty()).provider();
    Outcome outcome = run(jvm, 0, ResaConfig.DEFAULT.withRectifyEvery(0));
    assertThat(outcome.right).isTrue();
    assertThat(outcome.stages()).doesNotContain("rectify/f").contains("ReSA step");
  }

  @Test
  void bytesAreThoseOfTheAlgorithm() {
    AttentionBytes bytes =
        new AttentionBytes(
            new AttentionShape(28, 4, 128), 8, 65536, ResaConfig.DEFAULT, KvType.F16);
    long cache = 2L * 8 * 4 * 65536 * 128 * 2;
    assertThat(bytes.dense()).isEqualTo(cache);
    assertThat(bytes.estimate()).isEqualTo(cache / 16);
    assertThat(bytes.attend()).isEqualTo(cache / 4096 * 410);
    assertThat(bytes.rectify()).isEqualTo(cache / 32);
    assertThat(bytes.select()).isEqualTo(4 * 8 * 4 * (4096 + 410));
    assertThat(bytes.cache()).isEqualTo(cache + cache / 16);
  }
}
