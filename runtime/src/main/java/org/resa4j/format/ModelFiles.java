package org.resa4j.format;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;

/** Models of any format that is read. */
public final class ModelFiles {
  private ModelFiles() {}

  /**
   * Loads the model of a Hugging Face directory or a GGUF file, its weights mapped for as long as
   * it is used, without what the tokenizer's files say.
   *
   * @throws InputException if it cannot be used
   */
  public static Model load(Path path) {
    return Gguf.isFile(path)
        ? Gguf.load(path, Arena.ofAuto(), WeightAccess.MAPPED).model()
        : HuggingFace.load(path);
  }
}
