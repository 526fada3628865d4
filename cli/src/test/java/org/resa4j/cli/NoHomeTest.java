package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run writes nothing but its text. */
class NoHomeTest {
  @TempDir private Path folder;

  @Test
  void aUserWithoutHomeNeedsNone() throws Exception {
    Process process =
        Cli.process(
                List.of("-Duser.home=/proc/none", "-Djava.io.tmpdir=" + folder),
                "run",
                "--engine=jvm",
                "-n=1")
            .start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isZero();
    assertThat(folder).isEmptyDirectory();
  }
}
