package org.resa4j;

import java.util.Objects;

/**
 * A text to be written.
 *
 * @param prompt what it is to be written after
 * @param options how; {@link Resa#defaults()} has the model's own
 */
public record GenerationRequest(Prompt prompt, GenerationOptions options) {
  public GenerationRequest {
    Objects.requireNonNull(prompt, "a request needs a prompt");
    Objects.requireNonNull(options, "a request needs options; Resa.defaults() has the model's own");
  }
}
