package org.resa4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Has the parts of evaluations done on other machines; found through ServiceLoader. */
public interface EvalCluster {

  /**
   * Connects to a cluster.
   *
   * @param master its address, as the cluster's own programs take it
   * @param files task files, which the processes are to have under their names
   */
  Connection connect(String master, List<Path> files);

  /** A connection to a cluster. */
  interface Connection extends AutoCloseable {
    /** How many processes there are, as far as is known; at least 1. */
    int processes();

    /**
     * Has all parts done, in any order; returns when they are. A part whose process is lost is done
     * again in another.
     *
     * @param listener hears of each part once, of one after the other, in {@link EvalWorker}'s
     *     words
     * @throws RuntimeException the listener's, or what a part failed with, itself
     */
    void run(EvalWork work, List<EvalPart> parts, Consumer<EvalAnswer> listener);

    @Override
    void close();
  }
}
