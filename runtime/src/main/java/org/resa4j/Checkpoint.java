package org.resa4j;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.MappedFile;
import org.resa4j.format.WeightAccess;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.QuantisedModel;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.SpecialTokens;
import org.resa4j.tokenizer.Tokenizer;

/**
 * A model, loaded from a directory or a GGUF file: weights mapped in place, on no device yet. Any
 * number of {@link Resa} can be built from one; it is closed after all of them.
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
   * Loads a Hugging Face directory or a GGUF file, its weights mapped.
   *
   * @throws InputException if it cannot be used
   */
  public static Checkpoint load(Path path) {
    return load(path, WeightAccess.MAPPED);
  }

  /**
   * The same, mapped or copied.
   *
   * @throws InputException if it cannot be used, or there is no memory for a copy
   */
  public static Checkpoint load(Path path, WeightAccess access) {
    return load(path, access, Optional.empty());
  }

  /**
   * The same, its matrices quantised as they are loaded; see {@link QuantisedModel}.
   *
   * @param weights Q8_0 or Q4_0; empty to keep them as they are
   * @throws InputException as above, and if they are quantised already, or not finite
   * @throws IllegalArgumentException for another format
   */
  @SuppressWarnings("MustBeClosedChecker") // closed with the checkpoint, or below
  public static Checkpoint load(Path path, WeightAccess access, Optional<DType> weights) {
    weights.ifPresent(QuantisedModel::check);
    Arena arena = Arena.ofShared();
    try {
      Checkpoint loaded =
          Gguf.isFile(path) ? gguf(path, access, arena) : directory(path, access, arena);
      return weights.map(loaded::quantised).orElse(loaded);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private Checkpoint quantised(DType type) {
    return new Checkpoint(
        QuantisedModel.of(model, type, weights),
        tokenizer,
        chatTemplate,
        defaults,
        files,
        access,
        weights);
  }

  private static Checkpoint directory(Path directory, WeightAccess access, Arena weights) {
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
  }

  private static Checkpoint gguf(Path file, WeightAccess access, Arena weights) {
    Gguf.Loaded loaded = Gguf.load(file, weights, access);
    GgufMetadata metadata = loaded.metadata();
    EndOfText ends = EndOfText.of(metadata);
    return new Checkpoint(
        loaded.model().withEndOfText(ends.tokens()),
        Tokenizer.of(metadata),
        ChatTemplate.of(metadata),
        ModelDefaults.of(metadata).with(ends.origins()),
        loaded.files(),
        access,
        weights);
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

  /** What its files say about writing with the model. */
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
