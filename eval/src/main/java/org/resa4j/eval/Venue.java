package org.resa4j.eval;

import java.util.List;
import java.util.Map;

/** Where the texts of an evaluation are written. */
interface Venue extends AutoCloseable {

  /** Opens what writes texts with blocks of a size. */
  Writer open(int blockSize);

  @Override
  void close();

  /** Writes texts with blocks of one size. */
  interface Writer extends AutoCloseable {

    /** What another run must have in common for their results to stand in one file. */
    Map<String, String> facts();

    /**
     * Writes each task's text under each setting, but for those that are there.
     *
     * @param settings of this block size
     * @param there of this run, dense decoding's with other blocks too
     * @param timed see {@link Evaluation}
     */
    void write(
        List<Setting> settings, List<Outcome> there, boolean timed, Evaluation.Listener listener);

    @Override
    void close();
  }
}
