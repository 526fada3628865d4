package org.resa4j.answer;

import java.util.List;

/** Takes a text apart as it comes. Not thread-safe. */
interface Stage {

  /** Takes some text; returns what of it, and of what was held back, is certain. */
  List<Part> add(String text);

  /** The text has ended; returns what was held back. */
  List<Part> finish();
}
