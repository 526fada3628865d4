package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What surrounds a run does not matter to it. */
class SurroundingsTest {
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

  /** The JDK's own vector functions are not found where the locale has digits of its own. */
  @Test
  void theLocaleDoesNotMatter() throws Exception {
    Process process =
        Cli.process(
                List.of("-Duser.language=ar", "-Duser.country=EG"),
                "run",
                "--engine=jvm",
                "-p=solve #1",
                "-n=3")
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isZero();
    assertThat(text).isEqualTo(Cli.resa("run", "--engine=jvm", "-p=solve #1", "-n=3").out());
  }
}
