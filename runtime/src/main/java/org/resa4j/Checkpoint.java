package org.resa4j;

import java.nio.file.Path;
import java.util.Optional;
import org.resa4j.model.HuggingFace;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Tokenizer;

/**
 * A model directory, loaded: weights in place, on no device yet.
 *
 * @param model configuration and weights
 * @param tokenizer text to tokens and back; closed with the {@link Resa} that takes the checkpoint
 * @param chatTemplate the model's own, where it comes with one
 */
public record Checkpoint(Model model, Tokenizer tokenizer, Optional<ChatTemplate> chatTemplate) {

  /**
   * Loads a Hugging Face directory.
   *
   * @throws InputException if it cannot be used
   */
  public static Checkpoint load(Path directory) {
    Model model = HuggingFace.load(directory);
    Optional<ChatTemplate> template = ChatTemplate.load(directory);
    return new Checkpoint(model, Tokenizer.load(directory), template);
  }
}
