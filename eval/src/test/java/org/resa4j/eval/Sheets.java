package org.resa4j.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.resa4j.eval.worksheet.Worksheet;
import tools.jackson.databind.json.JsonMapper;

/** Task files of short sheets, which the model of the golden data answers in a moment. */
final class Sheets {
  static final int LINES = 3;
  private static final Path MODEL =
      Path.of(System.getProperty("resa.home"), "runtime/src/test/resources/golden/worksheet");

  private Sheets() {}

  /** Sheets of a family; the texts end where the answers do. */
  static Path write(Path file, String family, int count) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(
          JsonMapper.shared()
              .writeValueAsString(
                  Map.of(
                      "id",
                      family + i,
                      "prompt",
                      Worksheet.random(LINES, i).prompt(),
                      "checker",
                      "worksheet",
                      "max_tokens",
                      19 * LINES,
                      "metadata",
                      Map.of("task", family))));
    }
    return Files.write(file, lines);
  }

  /** Flags of a run on them in which sparse decoding is sparse. */
  static List<String> flags(Path tasks, Path output) {
    return List.of(
        tasks.toString(),
        "--output=" + output,
        "--model=" + MODEL,
        "--block-size=4",
        "--engine=jvm",
        "--threads=1",
        "--min-blocks=4",
        "--local-blocks=2",
        "-b=3");
  }
}
