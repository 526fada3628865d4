package org.resa4j.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.resa4j.InputException;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.bench.report.Spread;
import org.resa4j.bench.report.Target;
import org.resa4j.bench.report.Workload;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.KvType;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.model.Model;

/**
 * Times llama.cpp's dense decoding on the CPU with the same weights and the same text as ours.
 *
 * <p>Its interface gives no logits. So the error of its rows is the share of tokens, chosen
 * greedily after a prompt, that are other than those chosen in double precision: 0 where all are
 * equal.
 */
public final class LlamaComparison {
  private final Model model;
  private final Path directory;
  private final int[] prompt;
  private final int[] expected;
  private final WordTokens words;

  /**
   * @param directory where the model came from
   * @param prompt a prompt to be checked with
   * @param expected what double precision writes after it
   * @throws InputException if the bindings are not there, or the model cannot be given to llama.cpp
   */
  public LlamaComparison(Model model, Path directory, int[] prompt, int[] expected) {
    if (!isPresent()) {
      throw new InputException("llama.cpp's bindings are not there; ./resa bench brings them");
    }
    this.model = model;
    this.directory = directory;
    this.prompt = prompt.clone();
    this.expected = expected.clone();
    words = WordTokens.read(directory, model.config().vocabulary());
  }

  /** Whether java-llama.cpp is on the class path. */
  public static boolean isPresent() {
    return LlamaComparison.class.getResource("/de/kherud/llama/LlamaModel.class") != null;
  }

  /**
   * Reports decoding after each of some texts.
   *
   * @param texts contexts, each the beginning of the next
   * @param count tokens decoded in a run
   * @param repeat runs, after one unmeasured
   * @return whether llama.cpp wrote what it should; else nothing is reported
   */
  public boolean run(List<int[]> texts, int count, int repeat, Report report) {
    try {
      Path gguf = Files.createTempFile("resa-bench", ".gguf");
      try {
        GgufExport.write(model, directory, words, gguf);
        int context = Math.max(prompt.length + expected.length, texts.getLast().length + count);
        try (LlamaCpp llama =
            new LlamaCpp(gguf, context, Runtime.getRuntime().availableProcessors())) {
          double error = check(llama);
          System.err.printf(
              Locale.ROOT,
              "%s: %.0f%% of %d tokens after %d differ from double precision's%n",
              LlamaCpp.BUILD,
              100 * error,
              expected.length,
              prompt.length);
          if (error > 0) {
            return false;
          }
          for (int[] text : texts) {
            report.add(row(text.length, count, time(llama, text, count, repeat), error));
          }
          return true;
        }
      } finally {
        Files.delete(gguf);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double check(LlamaCpp llama) {
    String text = words.text(prompt);
    if (!Arrays.equals(llama.encode(text), prompt)) {
      throw new IllegalStateException("llama.cpp has other tokens for the same text");
    }
    int[] written = llama.encode(llama.write(text, expected.length).text());
    int wrong = Math.abs(expected.length - written.length);
    for (int i = 0; i < Math.min(written.length, expected.length); i++) {
      if (written[i] != expected[i]) {
        wrong++;
      }
    }
    return (double) wrong / expected.length;
  }

  private Spread time(LlamaCpp llama, int[] text, int count, int repeat) {
    String prompt = words.text(text);
    llama.write(prompt, count);
    long[] nanos = new long[repeat];
    for (int i = 0; i < repeat; i++) {
      nanos[i] = llama.write(prompt, count).nanos();
    }
    return Spread.ofNanos(nanos).times(1.0 / (count - 1));
  }

  private Row row(int depth, int count, Spread wall, double error) {
    AttentionShape shape = model.config().attention();
    long cache =
        2L
            * model.config().layers()
            * (depth + count / 2)
            * shape.kvHeads()
            * shape.headDim()
            * KvType.F16.bytes();
    return new Row(
        "generate",
        new Target(
            "llama.cpp",
            "cpu",
            // The same processor as the JVM engine's.
            new JvmEngineProvider().devices().getFirst().name(),
            LlamaCpp.BUILD,
            KvType.F16),
        new Workload(model.name(), shape, 1, depth, ResaConfig.dense(1)),
        "dense tg" + count,
        Optional.of(wall),
        Optional.empty(),
        OptionalLong.of(model.weightBytes() + cache),
        OptionalLong.of(1),
        OptionalDouble.empty(),
        error);
  }
}
