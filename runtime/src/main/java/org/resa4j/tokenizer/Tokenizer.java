package org.resa4j.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.resa4j.InputException;

/** Text to tokens and back, by the model's own {@code tokenizer.json}. */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;

  private Tokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Loads a model directory's tokenizer.
   *
   * @throws InputException if the file is missing or no tokenizer
   */
  public static Tokenizer load(Path directory) {
    Path file = directory.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": no such file");
    }
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optTruncation(false)
              .optPadding(false)
              .build());
    } catch (IOException | RuntimeException e) {
      throw new InputException(
          "%s: no tokenizer that can be used: %s%s"
              .formatted(
                  file,
                  e.getMessage(),
                  // With CUDA on the machine, the library looks for a build of its own for it.
                  String.valueOf(e.getMessage()).contains("native library")
                      ? " Start the JVM with -DRUST_FLAVOR=cpu, as ./resa does."
                      : ""),
          e);
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      throw new InputException(
          "the tokenizers library has no native code that runs here: " + e.getMessage(), e);
    }
  }

  /**
   * Tokens of a text; special tokens written out in it are recognised.
   *
   * @param addSpecial whether to add what the tokenizer puts around a text, such as a first token
   */
  public int[] encode(String text, boolean addSpecial) {
    Encoding encoding = tokenizer.encode(text, addSpecial, false);
    long[] ids = encoding.getIds();
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
    }
    return tokens;
  }

  /**
   * Text of tokens {@code from} to {@code to} - 1.
   *
   * @param special whether special tokens are written out
   */
  public String decode(int[] tokens, int from, int to, boolean special) {
    long[] ids = new long[to - from];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = tokens[from + i];
    }
    return tokenizer.decode(ids, !special);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
