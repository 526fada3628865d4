package org.resa4j.bench.generate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.Tokenizer;

/** Fills caches with a text, by a prefill: as who has no other way to fill them. */
public final class TextContext implements Context {
  private static final String FILE = "example-prompt.txt";

  private final int[] text;

  private TextContext(int[] text) {
    this.text = text;
  }

  /** Whether a model has an example prompt. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE));
  }

  /**
   * The example prompt of a model, as often as it takes.
   *
   * @param directory the model's
   * @throws InputException if it has no {@code example-prompt.txt}
   */
  public static TextContext of(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": no such file; it is the text that contexts are made of");
    }
    try {
      return new TextContext(Tokenizer.load(directory).encode(Files.readString(file), false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first {@code count} tokens. */
  public int[] tokens(int count) {
    return tokens(0, count);
  }

  /** As many from another place on. */
  public int[] tokens(int from, int count) {
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = text[(from + i) % text.length];
    }
    return tokens;
  }

  /** Tokens of the text before it is repeated. */
  public int length() {
    return text.length;
  }

  @Override
  public void fill(Engine engine, BlockTable table, int from, int to) {
    int[] tokens = tokens(to);
    int chunk = engine.info().options().encodeTokens();
    for (int at = from; at < to; at += chunk) {
      engine.encode(
          EncodeBatch.of(table, at, tokens, at, Math.min(chunk, to - at), EncodeBatch.Logits.NONE));
    }
  }
}
