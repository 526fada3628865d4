package org.resa4j.generate;

import java.util.BitSet;

/**
 * Which tokens a text may go on with, as a grammar has it: where it stands after what was written.
 * Masks come after the repetition penalty and before temperature and cut-offs; drafts of exact mode
 * are filtered like the text itself.
 *
 * <p>Immutable, since drafts are taken back. Its methods are called between steps and must be
 * short; they throw nothing.
 */
public interface TokenFilter {

  /**
   * The tokens that may come next, a bit for each; those that end a text are no exception. Not to
   * be changed by who asks. Where there is none the text fails.
   */
  BitSet allowed();

  /**
   * Where it stands after one more token.
   *
   * @param token one that is allowed
   */
  TokenFilter after(int token);
}
