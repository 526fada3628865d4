package org.resa4j.bench.eval;

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
  private static final Path HOME = Path.of(System.getProperty("resa.home", "."));

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
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-DRUST_FLAVOR=cpu",
                "-Djava.awt.headless=true",
                // Java keeps a list of fonts at home.
                "-Duser.home=" + folder,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                EvalMain.class.getName(),
                tasks.toString(),
                "--output=" + output,
                "--model=" + HOME.resolve("runtime/src/test/resources/golden/models/qwen2"),
                "--engine=jvm",
                "--threads=1",
                "--max-tokens=8")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
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
