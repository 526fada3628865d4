package org.resa4j.bench.peer;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.Sampler;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.resa4j.error.InputException;

/**
 * llama.cpp on the CPU, through java-llama.cpp: dense decoding, greedy, one sequence; KV cache in
 * fp16 and attention without its flash kernel, its defaults. (On a CPU that kernel took twice as
 * long.)
 *
 * <p>Its native threads keep a JVM from ending by itself, even when closed. Not thread-safe.
 */
final class LlamaCpp implements AutoCloseable {
  /** The build that release 4.2.0 brings for Linux on x86-64, as its log says. */
  static final String BUILD = "llama.cpp b4916, AVX2";

  private final LlamaModel model;

  /**
   * Loads a model.
   *
   * @param contextLength tokens that the cache holds
   * @param threads for prefill and decoding
   * @throws InputException if llama.cpp refuses the file or has no native code for this machine
   */
  LlamaCpp(Path gguf, int contextLength, int threads) {
    ModelParameters parameters =
        new ModelParameters()
            .setModel(gguf.toString())
            .setCtxSize(contextLength)
            .setThreads(threads)
            .setThreadsBatch(threads)
            .setParallel(1)
            .setGpuLayers(0)
            .disableContextShift()
            .disableLog();
    // It says on standard output where it puts its library; that is for programs.
    PrintStream out = System.out;
    System.setOut(System.err);
    try {
      model = new LlamaModel(parameters);
    } catch (RuntimeException | LinkageError e) {
      throw new InputException("llama.cpp: %s: %s".formatted(gguf, e.getMessage()), e);
    } finally {
      System.setOut(out);
    }
  }

  /** Tokens of a text. */
  int[] encode(String text) {
    return model.encode(text);
  }

  /**
   * What was written after a prompt.
   *
   * @param text without the prompt
   * @param nanos time from the first token to the last, one step fewer than there are tokens
   */
  record Written(String text, long nanos) {}

  /**
   * Writes {@code count} tokens after a prompt. Of a prompt that begins like the last one, only
   * what differs is prefilled.
   *
   * @throws IllegalStateException if it wrote fewer
   */
  Written write(String prompt, int count) {
    InferenceParameters parameters =
        new InferenceParameters(prompt)
            .setNPredict(count)
            .setCachePrompt(true)
            .setIgnoreEos(true)
            .setRepeatPenalty(1)
            .setSamplers(Sampler.TOP_K)
            .setTopK(1);
    StringBuilder text = new StringBuilder();
    long[] at = new long[count + 1];
    int outputs = 0;
    // One for each token, then an empty one.
    for (LlamaOutput output : model.generate(parameters)) {
      at[Math.min(outputs++, count)] = System.nanoTime();
      text.append(output.text);
    }
    if (outputs < count) {
      throw new IllegalStateException(
          "llama.cpp wrote %d tokens, not %d: %s".formatted(outputs, count, Arrays.toString(at)));
    }
    return new Written(text.toString(), at[count - 1] - at[0]);
  }

  @Override
  public void close() {
    model.close();
  }
}
