package org.resa4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A machine without fonts, as servers are, loses the charts and nothing else. */
@EnabledOnOs(OS.LINUX)
class NoFontsTest {
  @TempDir private Path folder;

  @Test
  void tablesAreWrittenAndChartsAreSaidToBeMissing() throws IOException, InterruptedException {
    Path tasks = folder.resolve("tasks.jsonl");
    Files.writeString(
        tasks, "{\"prompt\": \"one\", \"target\": \"two\", \"checker\": \"contains\"}\n");
    Path none = folder.resolve("fonts.conf");
    Files.writeString(none, "<?xml version=\"1.0\"?><fontconfig></fontconfig>");
    Path log = folder.resolve("output.log");
    Path output = folder.resolve("out");
    // Java keeps a list of fonts at home.
    List<String> jvmFlags = List.of("-Djava.awt.headless=true", "-Duser.home=" + folder);
    ProcessBuilder builder =
        EvalProcess.builder(jvmFlags, tasks, output, log, List.of("--max-tokens=8"));
    builder.environment().put("FONTCONFIG_FILE", none.toString());
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();

    String said = Files.readString(log);
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said)
        .contains("no charts, as this machine cannot draw text")
        .contains("resa eval report " + output);
    try (Stream<Path> files = Files.list(output)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      assertThat(names).contains("results.md", "results.csv", "results.json");
      assertThat(names).noneMatch(name -> name.endsWith(".png"));
    }
  }
}
