package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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

  /** As jbang starts it: from the jars alone, in any folder. */
  @Test
  void withoutTheLauncherNothingPointsAtIt() throws Exception {
    ProcessBuilder run = withoutLauncher("run", "--engine=jvm", "-p=x");
    Process process = run.directory(folder.toFile()).start();
    assertThat(err(process))
        .contains("resa: no model: name one with -m")
        .doesNotContain(folder.toString(), "./models");
    assertThat(process.waitFor()).isEqualTo(ExitCode.INPUT);

    Process devices = withoutLauncher("devices").directory(folder.toFile()).start();
    assertThat(err(devices)).doesNotContain("./");
    assertThat(devices.waitFor()).isZero();
  }

  @Test
  void withoutTheLauncherAModelIsAModel() throws Exception {
    Path model = Path.of(System.getProperty("resa.home"), "models", "clerk");
    Process process =
        withoutLauncher("run", "--engine=jvm", "-m=" + model, "-p=solve #1", "-n=3")
            .directory(folder.toFile())
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err(process)).isZero();
    assertThat(text).isEqualTo(Cli.resa("run", "--engine=jvm", "-p=solve #1", "-n=3").out());
  }

  private static ProcessBuilder withoutLauncher(String... args) {
    ProcessBuilder process = Cli.process(List.of(), args);
    process.command().removeIf(word -> word.startsWith("-Dresa.home="));
    return process;
  }

  private static String err(Process process) throws IOException {
    return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
