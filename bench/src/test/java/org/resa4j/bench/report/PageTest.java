package org.resa4j.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.error.InputException;

class PageTest {
  @TempDir private Path folder;

  static Row tokens(String mode, double millis) {
    Row row = Rows.row(Rows.JVM, 4096, mode + " tg32", millis);
    return new Row(
        "generate",
        row.target(),
        row.work(),
        row.stage(),
        row.wall(),
        Optional.empty(),
        OptionalLong.empty(),
        OptionalLong.of(8),
        OptionalDouble.empty(),
        0);
  }

  private void save(String name, List<Row> rows) {
    Path own = folder.resolve(name);
    PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
    try (Report report = Report.into(own, Format.CSV, nowhere, Rows.HERE)) {
      rows.forEach(report::measured);
      Report.save(report.rows(), own);
    }
  }

  @Test
  void thePageHasTheOverviewTheChartsAndTheMachine() throws IOException {
    save("attention", Rows.all(Rows.JVM, 1));
    save("generate", List.of(tokens("dense", 8), tokens("ReSA", 4), tokens("exact", 5)));
    Path page = Page.write(folder, List.of("attention", "generate", "never-measured"));
    String html = Files.readString(page);
    assertThat(html)
        .contains("<td>1,000</td><td>2,000 (2.00)</td><td>1,600 (1.60)</td>")
        .contains("src=\"attention/speed-up-attention-b8.png\"")
        .contains("a CPU, 2 processors; Linux; ReSA4J 1 abc")
        .contains("A &quot;JVM&quot;, amd64")
        .doesNotContain("never-measured");
  }

  @Test
  void tablesOfAMarkdownFileAreMadeAnew() throws IOException {
    save("generate", List.of(tokens("dense", 8), tokens("ReSA", 4)));
    Path readme = folder.resolve("README.md");
    Files.writeString(
        readme,
        "Before\n"
            + "<!-- figures: generate/results.jsonl -->\n"
            + "| old |\n"
            + "<!-- end of figures -->\n"
            + "After\n");
    String anew = Figures.of(readme);
    assertThat(anew)
        .startsWith("Before\n<!-- figures: generate/results.jsonl -->\n| on | KV | model |")
        .contains("| jvm | f32 | qwen2.5-7b | 8 | 4K | 1,000 | 2,000 (2.00) |")
        .endsWith("<!-- end of figures -->\nAfter\n")
        .doesNotContain("old");
    Files.writeString(readme, anew);
    assertThat(Figures.of(readme)).isEqualTo(anew);
    Files.writeString(readme, "nothing");
    assertThatThrownBy(() -> Figures.of(readme)).isInstanceOf(InputException.class);
  }
}
