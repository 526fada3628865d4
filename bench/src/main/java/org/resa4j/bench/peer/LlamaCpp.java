package org.resa4j.bench.peer;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.LogFormat;
import de.kherud.llama.args.Sampler;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.InputException;

/**
 * llama.cpp on the CPU, through java-llama.cpp: dense decoding, greedy, one sequence, KV cache in
 * fp16, its default.
 *
 * <p>Not thread-safe.
 */
final class LlamaCpp implements AutoCloseable {
  private static final Pattern BUILT_FOR = Pattern.compile("CPU : ([^\\n]*?) \\|\\s*$");

  private final LlamaModel model;
  private final StringBuilder log = new StringBuilder();

  /**
   * Loads a model.
   *
   * @param contextLength tokens that the cache holds
   * @param threads for prefill and decoding
   * @param flashAttention whether attention is computed in one fused pass
   * @throws InputException if llama.cpp refuses the file, with what it said
   */
  LlamaCpp(Path gguf, int contextLength, int threads, boolean flashAttention) {
    LlamaModel.setLogger(LogFormat.TEXT, (level, message) -> log.append(message));
    ModelParameters parameters =
        new ModelParameters()
            .setModel(gguf.toString())
            .setCtxSize(contextLength)
            .setThreads(threads)
            .setThreadsBatch(threads)
            .setParallel(1)
            .setGpuLayers(0)
            .disableContextShift();
    if (flashAttention) {
      parameters.enableFlashAttn();
    }
    try {
      model = new LlamaModel(parameters);
    } catch (RuntimeException e) {
      throw new InputException("llama.cpp: %s: %s%n%s".formatted(gguf, e.getMessage(), log), e);
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
   * @param nanos time from each token to the next: one fewer than there are tokens
   */
  record Written(String text, long[] nanos) {}

  /**
   * Writes {@code count} tokens after a prompt. A prompt that begins like the last one is not
   * prefilled again.
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
    long[] at = new long[count];
    int tokens = 0;
    LlamaIterator outputs = model.generate(parameters).iterator();
    while (outputs.hasNext() && tokens < count) {
      text.append(outputs.next().text);
      at[tokens++] = System.nanoTime();
    }
    long[] nanos = new long[tokens - 1];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = at[i + 1] - at[i];
    }
    return new Written(text.toString(), nanos);
  }

  /** What the native code was built for, such as {@code AVX2 = 1}, as it says itself. */
  String builtFor() {
    Matcher matcher = BUILT_FOR.matcher(log);
    return matcher.find() ? matcher.group(1) : "unknown";
  }

  String log() { return log.toString(); }

  @Override
  public void close() {
    model.close();
  }
}
