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
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
        .contains("ReSA step", "64K", "qwen2.5-7b 28/4/128", "0.5800 [0.5220, 0.6960]", "2.76")
        .contains("- tornado cuda:0: NVIDIA H200, cuda; a copy moves 614.3 GB/s");
    assertThat(table.lines().filter(line -> line.startsWith("|")).map(String::length).distinct())
        .hasSize(1);
  }

  @Test
  void commasAndQuotesSurviveCsv() {
    List<String> lines = printed(Format.CSV, Rows.all(Rows.JVM, 1)).lines().toList();
    assertThat(lines).hasSize(22);
    assertThat(lines.getFirst()).startsWith("benchmark,engine,device,").endsWith(",error");
    assertThat(lines.get(1)).startsWith("attention,jvm,jvm,\"A \"\"JVM\"\", amd64\",vector,f32,");
  }

  @Test
  void jsonIsReadBackAsItWas() throws IOException {
    List<Row> rows = new ArrayList<>(Rows.all(Rows.GPU, 1));
    rows.addAll(Rows.all(Rows.JVM, 7));
    Path file = folder.resolve("rows.json");
    Files.writeString(file, printed(Format.JSON, rows));
    assertThat(Report.read(file)).isEqualTo(rows);
    Files.writeString(file, printed(Format.JSON, List.of()));
    assertThat(Report.read(file)).isEmpty();
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
            "results.json",
            "speed-up-attention-b8.png",
            "devices-attention-qwen2.5-7b-28-4-128-b8.png",
            "stages-tornado-cuda-0-qwen2.5-7b-28-4-128-b8.png",
            "stages-jvm-qwen2.5-7b-28-4-128-b8.png");
    assertThat(Report.read(files.get(2))).isEqualTo(rows);
    for (Path file : files.subList(3, files.size())) {
      BufferedImage image = ImageIO.read(file.toFile());
      assertThat(image.getWidth()).isEqualTo(ChartStyle.WIDTH);
      assertThat(image.getHeight()).isEqualTo(ChartStyle.HEIGHT);
    }
  }

  @Test
  void rowsWithoutADenseStepGiveTablesOnly() {
    List<Row> rows = List.of(Rows.row(Rows.GPU, 4096, "attend", 1));
    assertThat(Report.save(rows, folder)).hasSize(3);
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
