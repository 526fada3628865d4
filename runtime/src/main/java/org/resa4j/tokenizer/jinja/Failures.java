package org.resa4j.tokenizer.jinja;

import org.resa4j.error.InputException;

/** Words for what is wrong with a template. */
final class Failures {
  private Failures() {}

  static InputException syntax(String what) {
    return syntax(what, null);
  }

  static InputException syntax(String what, Throwable cause) {
    return new InputException("the chat template's syntax is broken: " + what, cause);
  }
}
