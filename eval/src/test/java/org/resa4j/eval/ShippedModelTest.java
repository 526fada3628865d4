package org.resa4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.cli.CommandLines;
import org.resa4j.cli.ModelFlags;

/** The effect that the project is about, on a long text of the model that ships. */
class ShippedModelTest {
  @TempDir private Path folder;

  @Test
  void rectificationWinsBackWhatSparseDecodingOfJournalsLoses() {
    Path journal = ModelFlags.shipped().resolve("tasks/journal.jsonl.gz");
    List<String> flags =
        List.of(journal.toString(), "--limit=2", "--output=" + folder, "--engine=jvm", "-b=4");
    assertThat(CommandLines.of(new EvalCommand()).execute(flags.toArray(String[]::new))).isZero();
    Map<String, SummaryRow> rows =
        Summary.read(folder).rows().stream()
            .collect(Collectors.toMap(row -> row.setting().kind(), row -> row));
    assertThat(rows.get("dense").steps().orElseThrow().estimate()).isGreaterThan(0.99);
    assertThat(rows.get("dense").answers().estimate()).isEqualTo(1);
    assertThat(rows.get("sparse").steps().orElseThrow().estimate()).isLessThan(0.8);
    assertThat(rows.get("ReSA").steps().orElseThrow().estimate()).isGreaterThan(0.9);
    assertThat(rows.get("ReSA").recentDrift().orElseThrow().estimate()).isBetween(0.01, 0.1);
  }
}
