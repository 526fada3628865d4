package org.resa4j;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import org.resa4j.error.InputException;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Tokenizer;

/**
 * A model directory, loaded: weights mapped in place, on no device yet. Any number of {@link Resa}
 * can be built from one; it is closed after all of them.
 *
 * <p>Thread-safe.
 */
public final class Checkpoint implements AutoCloseable {
  private final Model model;
  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> chatTemplate;
  private final ModelDefaults defaults;
  private final Arena weights;
  private int users;
  private boolean closed;

  private Checkpoint(
      Model model,
      Tokenizer tokenizer,
      Optional<ChatTemplate> chatTemplate,
      ModelDefaults defaults,
      Arena weights) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.chatTemplate = chatTemplate;
    this.defaults = defaults;
    this.weights = weights;
  }

  /**
   * Loads a Hugging Face directory.
   *
   * @throws InputException if it cannot be used
   */
  @SuppressWarnings("MustBeClosedChecker") // closed with the checkpoint, or below
  public static Checkpoint load(Path directory) {
    Arena weights = Arena.ofShared();
    try {
      Model model = HuggingFace.load(directory, weights);
      ModelDefaults defaults = ModelDefaults.read(directory);
      Optional<ChatTemplate> template = ChatTemplate.load(directory);
      // Last: of all these, only it has to be closed where a later one fails.
      return new Checkpoint(model, Tokenizer.load(directory), template, defaults, weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  /** Configuration and weights. */
  public Model model() {
    checkOpen();
    return model;
  }

  /** Text to tokens and back. */
  public Tokenizer tokenizer() {
    checkOpen();
    return tokenizer;
  }

  /** The model's own chat template, where it comes with one. */
  public Optional<ChatTemplate> chatTemplate() {
    checkOpen();
    return chatTemplate;
  }

  /** What the directory says about writing with the model. */
  public ModelDefaults defaults() {
    checkOpen();
    return defaults;
  }

  /** Takes it into use, so that it cannot be closed until {@link #release}. */
  synchronized void retain() {
    checkOpen();
    users++;
  }

  synchronized void release() {
    users--;
  }

  private synchronized void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the checkpoint is closed");
    }
  }

  /**
   * Gives the mapped weights back at once.
   *
   * @throws IllegalStateException while a {@link Resa} built from it is open
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    if (users > 0) {
      throw new IllegalStateException(
          "the checkpoint is in use by %d open Resa; close those first".formatted(users));
    }
    closed = true;
    tokenizer.close();
    weights.close();
  }
}
