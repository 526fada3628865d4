package org.resa4j.bench.generate;

import java.nio.file.Path;
import java.util.Locale;
import org.resa4j.bench.peer.LlamaComparison;
import org.resa4j.bench.report.Row;
import org.resa4j.model.Model;
import org.resa4j.reference.ReferenceModel;

/** llama.cpp, checked and ready to be timed in turn with an engine, after the same text. */
final class LlamaPeer implements AutoCloseable {
  private static final int CHECKED_TOKENS = 64;

  private final LlamaComparison llama;
  private final TextContext text;
  private final int count;
  private final double error;

  LlamaPeer(Model model, Path directory, TextContext text, Plan plan) {
    this.text = text;
    count = plan.generated();
    int[] prompt = text.tokens(text.length());
    int context = Math.max(prompt.length + CHECKED_TOKENS, plan.contextLength()) + 1;
    llama = new LlamaComparison(model, directory, context);
    error = llama.error(prompt, ReferenceModel.greedy(model, prompt, CHECKED_TOKENS));
    System.err.printf(
        Locale.ROOT,
        "bench: llama.cpp: %.0f%% of %d tokens after %d differ from double precision's%n",
        100 * error,
        CHECKED_TOKENS,
        prompt.length);
  }

  /** Whether it writes what double precision writes. */
  boolean isRight() {
    return error == 0;
  }

  /** Steps that a run times. */
  int steps() {
    return count - 1;
  }

  long run(int depth) {
    return llama.decode(text.tokens(depth), count);
  }

  Row row(String benchmark, int depth, Timed timed) {
    return llama.row(benchmark, depth, count, timed.wall(), error);
  }

  @Override
  public void close() {
    llama.close();
  }
}
