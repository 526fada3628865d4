package org.resa4j.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  @Test
  void figuresAreThoseOfTheCommittedResults() throws IOException {
    Path readme = Path.of("..", "README.md");
    assertThat(Files.readString(readme))
        .as("./resa bench figures makes them anew")
        .isEqualTo(Figures.of(readme));
  }
}
