package org.resa4j.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.report.Row;
import org.resa4j.bench.report.Spread;
import org.resa4j.bench.report.Target;
import org.resa4j.bench.report.Workload;
import org.resa4j.engine.KvType;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;

/**
 * llama.cpp's dense decoding on the CPU with the same weights and the same text as ours.
 *
 * <p>Its interface gives no logits. So the error of its rows is the share of tokens, chosen
 * greedily after a prompt, that are other than those chosen in double precision: 0 where all are
 * equal.
 */
public final class LlamaComparison implements AutoCloseable {
  private final Model model;
  private final WordTokens words;
  private final Path gguf;
  private final LlamaCpp llama;

  /**
   * Gives a model to llama.cpp.
   *
   * @param directory where the model came from
   * @param contextLength tokens that the cache holds
   * @throws InputException if the bindings are not there, or the model cannot be given to llama.cpp
   */
  public LlamaComparison(Model model, Path directory, int contextLength) {
    if (!isPresent()) {
      throw new InputException("llama.cpp's bindings are not there; ./resa bench brings them");
    }
    this.model = model;
    words = WordTokens.read(directory, model.config().vocabulary());
    try {
      gguf = Files.createTempFile("resa-bench", ".gguf");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    gguf.toFile().deleteOnExit();
    GgufExport.write(model, directory, words, gguf);
    llama = new LlamaCpp(gguf, contextLength, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Writes a model as llama.cpp gets it; the bindings need not be there.
   *
   * @param directory where the model came from
   * @throws InputException if the model cannot be given to llama.cpp, or the file not be written
   */
  public static void export(Model model, Path directory, Path file) {
    WordTokens words = WordTokens.read(directory, model.config().vocabulary());
    try {
      GgufExport.write(model, directory, words, file);
    } catch (UncheckedIOException e) {
      throw new InputException(file + ": " + e.getCause().getMessage(), e);
    }
  }

  /** Whether java-llama.cpp is on the class path. */
  public static boolean isPresent() {
    return LlamaComparison.class.getResource("/de/kherud/llama/LlamaModel.class") != null;
  }

  /**
   * The share of tokens written after a prompt that are not those expected. To be asked first: now
   * and then this build of llama.cpp goes on with other tokens after a prompt that it has in its
   * cache already, which changes nothing about the time it takes.
   *
   * @throws IllegalStateException if the prompt's text has other tokens there
   */
  public double error(int[] prompt, int[] expected) {
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

  /**
   * Decodes {@code count} tokens after a text. Only what differs from the last one is prefilled.
   *
   * @return wall time in nanoseconds of the {@code count - 1} steps between them
   */
  public long decode(int[] text, int count) {
    return llama.write(words.text(text), count).nanos();
  }

  /**
   * A row of the report.
   *
   * @param wall time of a step
   */
  public Row row(String benchmark, int depth, int count, Spread wall, double error) {
    AttentionShape shape = model.config().attention();
    long cache =
        2L
            * model.config().layers()
            * (depth + count / 2)
            * shape.kvHeads()
            * shape.headDim()
            * KvType.F16.format().blockBytes();
    // The same processor as the JVM engine's.
    String processor = new JvmEngineProvider().devices().getFirst().name();
    return new Row(
        benchmark,
        new Target("llama.cpp", "cpu", processor, LlamaCpp.BUILD, KvType.F16),
        new Workload(model.name(), shape, 1, depth, ResaConfig.dense(1)),
        "dense tg" + count,
        Optional.of(wall),
        Optional.empty(),
        OptionalLong.of(model.weightBytes() + cache),
        OptionalLong.of(1),
        OptionalDouble.empty(),
        error);
  }

  @Override
  public void close() {
    llama.close();
  }
}
