package org.resa4j.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.resa4j.error.InputException;

/**
 * Text to tokens and back, by the model's own {@code tokenizer.json}.
 *
 * <p>Thread-safe. {@link #close} waits for calls that are under way; calls after it throw {@link
 * IllegalStateException}.
 */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;

  /** Held for reading while native code runs, which must not lose its memory under it. */
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

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
          "%s: no tokenizer that can be used: %s%s".formatted(file, e.getMessage(), remedy(e)), e);
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      throw new InputException(
          "the tokenizers library has no native code that runs here: " + e.getMessage(), e);
    }
  }

  /**
   * What to do where the library cannot put its native code in place. With CUDA on the machine it
   * looks for a build of its own for it, on the network, unless it is told not to.
   */
  private static String remedy(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String why = root == failure ? "" : " (" + root + ")";
    return String.valueOf(failure.getMessage()).contains("native library")
            && !"cpu".equals(System.getProperty("RUST_FLAVOR"))
        ? why + "; where it looks for a CUDA build, start the JVM with -DRUST_FLAVOR=cpu"
        : why;
  }

  /**
   * Tokens of a text; special tokens written out in it are recognised.
   *
   * @param addSpecial whether to add what the tokenizer puts around a text, such as a first token
   */
  public int[] encode(String text, boolean addSpecial) {
    long[] ids = whileOpen(() -> tokenizer.encode(text, addSpecial, false).getIds());
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
    return whileOpen(() -> tokenizer.decode(ids, !special));
  }

  private <T> T whileOpen(Supplier<T> call) {
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the tokenizer is closed");
      }
      return call.get();
    } finally {
      inUse.readLock().unlock();
    }
  }

  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        tokenizer.close();
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
