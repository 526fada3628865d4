package org.resa4j.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.resa4j.error.InputException;
import org.resa4j.report.ChartStyle;

class ReportTest {
  @TempDir private Path folder;

  private static String printed(Format format, List<Row> rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Report report = new Report(format, out)) {
      rows.forEach(report::add);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void markdownHasALineForEachRowAndNamesDevices() {
    String table = printed(Format.MD, Rows.all(Rows.GPU, 1));
    assertThat(table.lines().filter(line -> line.startsWith("| tornado cuda:0"))).hasSize(21);
    assertThat(table)
        .contains("ReSA step", "64K", "qwen2.5-7b 28/4/128", "0.5800 [0.5220, 0.6380]", "2.76")
        .contains("- tornado cuda:0: NVIDIA H200, cuda; a copy moves 614.3 GB/s");
    assertThat(table.lines().filter(line -> line.startsWith("|")).map(String::length).distinct())
        .hasSize(1);
  }

  @Test
  void commasAndQuotesSurviveCsv() {
    List<String> lines = printed(Format.CSV, Rows.all(Rows.JVM, 1)).lines().toList();
    assertThat(lines).hasSize(22);
    assertThat(lines.getFirst()).startsWith("benchmark,engine,device,").endsWith(",driver,flags");
    assertThat(lines.get(1)).startsWith("attention,jvm,jvm,\"A \"\"JVM\"\", amd64\",vector,f32,");
  }

  @ParameterizedTest
  @EnumSource(names = {"JSON", "JSONL"})
  void jsonIsReadBackAsItWas(Format format) throws IOException {
    List<Row> rows = new ArrayList<>(Rows.all(Rows.GPU, 1));
    rows.addAll(Rows.all(Rows.JVM, 7));
    rows.add(Rows.row(Rows.JVM, 512, "ReSA step", 3).with(Rows.HERE));
    Path file = folder.resolve("rows");
    Files.writeString(file, printed(format, rows));
    assertThat(Report.read(file)).isEqualTo(rows);
    Files.writeString(file, printed(Format.JSON, List.of()));
    assertThat(Report.read(file)).isEmpty();
  }

  @Test
  void aRunThatIsCutShortLeavesItsRows() throws IOException {
    Path log = folder.resolve(Report.LOG);
    Report report =
        Report.into(folder, Format.CSV, new PrintStream(new ByteArrayOutputStream()), Rows.HERE);
    report.measured(Rows.row(Rows.JVM, 512, "dense step", 3));
    report.measured(Rows.row(Rows.JVM, 512, "ReSA step", 2));
    // Nobody closes it.
    assertThat(Report.read(log)).isEqualTo(report.rows());
    Provenance from = report.rows().getFirst().provenance().orElseThrow();
    assertThat(from.time()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    assertThat(from.driver()).startsWith("Java ");
    assertThat(from.machine()).isEqualTo(Rows.HERE.machine());
    String text = Files.readString(log);
    Files.writeString(log, text.substring(0, text.length() - 20));
    assertThat(Report.read(log)).isEqualTo(report.rows().subList(0, 1));
    Files.writeString(log, text.substring(20));
    assertThatThrownBy(() -> Report.read(log)).isInstanceOf(InputException.class);
  }

  @Test
  void anEarlierRunsRowsAreKept() throws IOException {
    PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
    Row row = Rows.row(Rows.JVM, 512, "dense step", 3);
    try (Report first = Report.into(folder, Format.CSV, nowhere, Rows.HERE)) {
      first.measured(row);
    }
    String before = Files.readString(folder.resolve(Report.LOG));
    // One that fails before it has a row changes nothing.
    Report.into(folder, Format.CSV, nowhere, Rows.HERE).close();
    assertThat(folder.resolve(Report.LOG)).hasContent(before);
    try (Report second = Report.into(folder, Format.CSV, nowhere, Rows.HERE)) {
      second.measured(row);
      second.measured(row);
    }
    assertThat(Report.read(folder.resolve(Report.LOG))).hasSize(2);
    try (Stream<Path> files = Files.list(folder)) {
      Path earlier =
          files
              .filter(file -> file.toString().matches(".*results-\\d+\\.jsonl"))
              .findAny()
              .orElseThrow();
      assertThat(earlier).hasContent(before);
    }
  }

  @Test
  void twoRunsAreNotComparedAndHaveTheirOwnLines() {
    Provenance later =
        new Provenance(
            "2026-03-01T00:00:00Z", "later", "1", "abc", Rows.HERE.processor(), "Linux", "", "x");
    List<Row> rows =
        List.of(
            PageTest.tokens("dense", 8).with(Rows.HERE),
            PageTest.tokens("ReSA", 4).with(Rows.HERE),
            PageTest.tokens("dense", 2).with(later));
    assertThat(SpeedUp.overOwnDense(rows.get(1), rows).orElseThrow().ratio().estimate())
        .isEqualTo(2);
    List<List<String>> overview = Overview.of(rows);
    assertThat(overview).hasSize(3);
    assertThat(overview.get(1)).endsWith("1,000", "2,000 (2.00)");
    assertThat(overview.get(2)).endsWith("4,000", "");
  }

  @Test
  void machinesAreNotMixed() {
    Provenance other =
        new Provenance("2026-01-01T00:00:00Z", "2026", "1", "abc", "another CPU", "Linux", "", "");
    List<Row> rows =
        List.of(
            Rows.row(Rows.JVM, 512, "dense step", 8).with(Rows.HERE),
            Rows.row(Rows.JVM, 512, "ReSA step", 4).with(Rows.HERE),
            Rows.row(Rows.JVM, 512, "dense step", 2).with(other),
            Rows.row(Rows.JVM, 512, "ReSA step", 2).with(other));
    List<String> lines = printed(Format.MD, rows).lines().toList();
    assertThat(lines.get(3)).startsWith("| jvm  ").contains(" 2.00 |");
    assertThat(lines.get(5)).startsWith("| jvm @2 ").contains(" 1.00 |");
    assertThat(lines).anyMatch(line -> line.startsWith("- jvm @2, 2026-01-01: another CPU; Linux"));
    assertThat(SpeedUp.overBestDense(rows.get(1), rows).orElseThrow().ratio().estimate())
        .isEqualTo(2);
  }

  @Test
  void noisyRowsAreMarkedAndNotCompared() {
    Row dense = Rows.row(Rows.JVM, 512, "dense step", 8);
    Row sparse = noisy(Rows.row(Rows.JVM, 512, "ReSA step", 2));
    String table = printed(Format.MD, List.of(dense, sparse));
    assertThat(table).contains("~2.0000 [1.0000, 3.0000]", " noisy |", "- ~, noisy");
    String lines = printed(Format.JSONL, List.of(dense, sparse));
    assertThat(lines.lines().toList().get(1)).contains("\"noisy\":true,\"speed_up\":null");
    XYChart chart = SpeedUpChart.of(List.of(dense, sparse), List.of(dense, sparse)).orElseThrow();
    assertThat(chart.getXAxisTitle()).contains("noisy, so left out: 1 of 1");
    assertThat(names(chart)).containsExactly("dense");
  }

  private static List<String> names(XYChart chart) {
    return chart.getSeriesCollection().stream().map(XYSeries::getName).toList();
  }

  private static double[] series(XYChart chart, String name) {
    return chart.getSeriesCollection().stream()
        .filter(series -> series.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getYData();
  }

  private static Row noisy(Row row) {
    return new Row(
        row.benchmark(),
        row.target(),
        row.work(),
        row.stage(),
        Optional.of(new Spread(2, 1, 3)),
        Optional.empty(),
        row.bytes(),
        row.tokens(),
        row.copyBandwidth(),
        row.error());
  }

  @Test
  void chartsOfDevicesHaveWallTimesAlone() {
    List<Row> rows = new ArrayList<>(Rows.all(Rows.JVM, 3));
    rows.addAll(Rows.all(Rows.GPU, 1));
    rows.add(Rows.row(Rows.PEER, 4096, "dense step", 1));
    XYChart chart = DeviceChart.of(rows, rows).orElseThrow();
    assertThat(chart.getYAxisTitle()).startsWith("wall time");
    assertThat(names(chart)).noneMatch(name -> name.contains("pytorch"));
    assertThat(series(chart, "jvm f32, dense step")[2]).isEqualTo(0.58 * 3);
    // From quartile to quartile.
    assertThat(series(chart, "jvm f32, dense step at 2"))
        .containsExactly(0.58 * 3 * 0.9, 0.58 * 3 * 1.1);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void nothingDependsOnTheLocale(Format format) {
    Locale before = Locale.getDefault();
    String expected = printed(format, Rows.all(Rows.GPU, 1));
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(printed(format, Rows.all(Rows.GPU, 1))).isEqualTo(expected);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aPeersRowWithoutAnErrorIsRefused() throws IOException {
    Path file = folder.resolve("peer.json");
    String json = printed(Format.JSON, List.of(Rows.row(Rows.PEER, 4096, "dense step", 1)));
    Files.writeString(file, json.replaceAll(",\"error\":[^}]*", ""));
    assertThatThrownBy(() -> Report.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("peer.json, row 1")
        .hasMessageContaining("error");
    Files.writeString(file, "[{");
    assertThatThrownBy(() -> Report.read(file)).hasMessageContaining("not JSON");
  }

  @Test
  void aFolderGetsTablesAndCharts() throws IOException {
    List<Row> rows = new ArrayList<>(Rows.all(Rows.GPU, 1));
    rows.addAll(Rows.all(Rows.JVM, 40));
    List<Path> files = Report.save(rows, folder.resolve("new"));
    assertThat(files.stream().map(file -> file.getFileName().toString()))
        .containsExactly(
            "results.md",
            "results.csv",
            "speed-up-attention-b8.png",
            "devices-attention-qwen2.5-7b-28-4-128-b8.png",
            "stages-tornado-cuda-0-f16-qwen2.5-7b-28-4-128-b8.png",
            "stages-jvm-f32-qwen2.5-7b-28-4-128-b8.png");
    for (Path file : files.subList(2, files.size())) {
      BufferedImage image = ImageIO.read(file.toFile());
      assertThat(image.getWidth()).isEqualTo(ChartStyle.WIDTH);
      assertThat(image.getHeight()).isEqualTo(ChartStyle.HEIGHT);
    }
  }

  @Test
  void rowsWithoutADenseStepGiveTablesOnly() {
    List<Row> rows = List.of(Rows.row(Rows.GPU, 4096, "attend", 1));
    assertThat(Report.save(rows, folder)).hasSize(2);
  }

  @Test
  void aFileThatCannotBeWrittenIsAnErrorAndNoEmptyReport(@TempDir Path folder) throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no device that is always full");
    Files.createSymbolicLink(folder.resolve("results.csv"), full);
    assertThatThrownBy(() -> Report.save(Rows.all(Rows.JVM, 1), folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder.toString());
    Files.delete(folder.resolve("results.csv"));
    Files.createDirectory(folder.resolve("results.csv"));
    assertThatThrownBy(() -> Report.save(Rows.all(Rows.JVM, 1), folder))
        .isInstanceOf(InputException.class);
  }
}
