package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.resa4j.model.DType;

/** The README's tables of what runs name all that does, and nothing else. */
class SupportTableTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private static List<String> rows(String heading) throws IOException {
    Path readme = Path.of(System.getProperty("resa.home"), "README.md");
    return Files.readAllLines(readme).stream()
        .dropWhile(line -> !line.startsWith("| " + heading + " |"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }

  /** What stands in a column in the type of code. */
  private static Stream<String> codes(String row, int column) {
    return CODE.matcher(row.split("\\|")[column]).results().map(each -> each.group(1));
  }

  @Test
  void everyArchitectureIsThere() throws IOException {
    List<String> rows = rows("model");
    assertThat(rows.stream().flatMap(row -> codes(row, 2)))
        .containsExactlyInAnyOrderElementsOf(
            Architecture.ALL.stream().map(Architecture::name).toList());
    assertThat(rows.stream().flatMap(row -> codes(row, 3)).distinct())
        .containsExactlyInAnyOrderElementsOf(
            GgufArchitecture.ALL.stream().map(GgufArchitecture::name).toList());
  }

  @Test
  void everyFormatIsThere() throws IOException {
    assertThat(rows("weights").stream().flatMap(row -> codes(row, 1)))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(DType.values()).map(DType::name).toList());
  }
}
