package org.resa4j.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufModel;
import org.resa4j.format.GgufWriter;
import org.resa4j.model.Model;

/**
 * Writes a model for llama.cpp with the very weights that we run: matrices bit by bit, vectors
 * widened to fp32, which llama.cpp asks for.
 */
final class GgufExport {
  private GgufExport() {}

  /**
   * Writes a model.
   *
   * @param directory where the model came from
   * @throws InputException if GGUF files have no keys for what the directory says
   */
  static void write(Model model, Path directory, WordTokens tokens, Path file) {
    GgufWriter gguf = new GgufWriter();
    GgufModel.addTo(gguf, directory, model, Optional.empty());
    tokens.writeTo(gguf);
    model.config().endOfText().stream()
        .sorted()
        .findFirst()
        .ifPresent(token -> gguf.put("tokenizer.ggml.eos_token_id", token));
    try {
      gguf.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
