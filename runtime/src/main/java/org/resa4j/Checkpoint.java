package org.resa4j;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.MappedFile;
import org.resa4j.format.WeightAccess;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.SpecialTokens;
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
  private final Set<MappedFile> files;
  private final WeightAccess access;
  private final Arena weights;
  private int users;
  private boolean closed;

  private Checkpoint(
      Model model,
      Tokenizer tokenizer,
      Optional<ChatTemplate> chatTemplate,
      ModelDefaults defaults,
      Set<MappedFile> files,
      WeightAccess access,
      Arena weights) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.chatTemplate = chatTemplate;
    this.defaults = defaults;
    this.files = files;
    this.access = access;
    this.weights = weights;
  }

  /**
   * Loads a Hugging Face directory, its weights mapped.
   *
   * @throws InputException if it cannot be used
   */
  public static Checkpoint load(Path directory) {
    return load(directory, WeightAccess.MAPPED);
  }

  /**
   * The same, mapped or copied.
   *
   * @throws InputException if it cannot be used, or there is no memory for a copy
   */
  @SuppressWarnings("MustBeClosedChecker") // closed with the checkpoint, or below
  public static Checkpoint load(Path directory, WeightAccess access) {
    Arena weights = Arena.ofShared();
    try {
      HuggingFace.Loaded loaded = HuggingFace.load(directory, weights, access);
      SpecialTokens special = SpecialTokens.read(directory);
      Tokenizer tokenizer = Tokenizer.load(directory);
      int vocabulary = loaded.model().config().vocabulary();
      EndOfText ends = EndOfText.of(directory, loaded.endOfText(), special, tokenizer, vocabulary);
      return new Checkpoint(
          loaded.model().withEndOfText(ends.tokens()),
          tokenizer,
          ChatTemplate.load(directory),
          ModelDefaults.read(directory).with(ends.origins()),
          loaded.files(),
          access,
          weights);
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

  /**
   * Refuses to go on where a mapped file was written or cut since it was loaded.
   *
   * @throws InputException as said
   */
  void checkUnchanged() {
    if (access == WeightAccess.MAPPED) {
      files.forEach(MappedFile::checkUnchanged);
    }
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
    weights.close();
  }
}
