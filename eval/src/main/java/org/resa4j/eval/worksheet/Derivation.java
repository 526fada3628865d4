package org.resa4j.eval.worksheet;

import java.util.List;

/** A task whose right answer follows from its prompt, step by step. */
public interface Derivation {
  String prompt();

  /**
   * The right answer, line by line, words separated by single spaces. The last line is what the
   * derivation comes to.
   */
  List<String> answer();

  /**
   * The places, ascending, of the answer's words that have to be computed; those between only copy
   * or count.
   */
  int[] steps();
}
