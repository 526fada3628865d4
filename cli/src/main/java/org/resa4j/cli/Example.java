package org.resa4j.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.resa4j.Generation;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.FinishReason;

/** The example of the model that ships: a sheet of sums, each in terms of others, to be solved. */
final class Example {
  private static final int SHOWN = 60;

  private Example() {}

  static String prompt(Path model) {
    return PromptFile.read(model.resolve("example-prompt.txt")).strip();
  }

  /** The question in one line, shortened. */
  static String question(String prompt) {
    // A token that begins every text says nothing to a reader.
    String text = prompt.replaceFirst("^<\\w+> ", "");
    String shown = text.length() <= SHOWN ? text : text.substring(0, text.lastIndexOf(' ', SHOWN));
    return "question   %s ... (%d words)".formatted(shown, words(prompt).length);
  }

  /** What the text is, whether it is right, and what it took to read for it. */
  static String outcome(Path model, ResaConfig config, Generation generation) {
    String read =
        config.isDense()
            ? "Densely, each word took reading the whole cache."
            : String.format(
                Locale.ROOT,
                "%s each word took reading %.1f%% of the cache's blocks; dense attention reads"
                    + " all.",
                config.exact().isPresent() ? "To draft, in exact mode," : "With ReSA",
                100 * generation.usage().blocksKeptShare());
    return ("An example: the model that ships solves a sheet of sums, each in terms of others;"
            + " %s.%n%s")
        .formatted(check(model, generation), read);
  }

  /** Compares with the right answer, word by word. */
  private static String check(Path model, Generation generation) {
    String[] expected = words(PromptFile.read(model.resolve("example-answer.txt")));
    String[] written = words(generation.text());
    int first = Arrays.mismatch(expected, written);
    if (first < 0) {
      return "right, all %d words".formatted(expected.length);
    }
    if (first == written.length && generation.finish() != FinishReason.END_OF_TEXT) {
      return "right as far as it goes, %d of %d words".formatted(written.length, expected.length);
    }
    int right = 0;
    for (int i = 0; i < Math.min(expected.length, written.length); i++) {
      right += written[i].equals(expected[i]) ? 1 : 0;
    }
    return "%d of %d words right, the first %d before any error"
        .formatted(right, expected.length, first);
  }

  private static String[] words(String text) {
    return text.strip().split("\\s+");
  }
}
