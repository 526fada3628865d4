package org.resa4j.tokenizer.pipeline;

import java.nio.file.Path;
import org.resa4j.error.InputException;

/** The file that a component comes from, for errors. */
record Source(Path file) {
  /** A file that cannot be loaded. */
  InputException refuse(String component, String why) {
    return new InputException(
        "%s: no tokenizer that can be used: %s: %s".formatted(file, component, why));
  }

  InputException refuse(String component, String why, Throwable cause) {
    return new InputException(
        "%s: no tokenizer that can be used: %s: %s".formatted(file, component, why), cause);
  }

  /** What GGUF files have no way to say. */
  InputException notInGguf(String component, String why) {
    return new InputException(
        "%s: no GGUF file can have this tokenizer: %s: %s".formatted(file, component, why));
  }

  /** A text that a loaded tokenizer cannot encode. */
  InputException fail(String component, String why) {
    return new InputException("%s: %s: %s".formatted(file, component, why));
  }

  /** The beginning of a token, for a message. */
  static String shortened(String token) {
    return token.length() <= 40 ? token : token.substring(0, 40) + "…";
  }
}
