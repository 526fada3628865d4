package org.resa4j.format;

/** How a checkpoint's weights are brought into memory. */
public enum WeightAccess {
  /**
   * Mapped: nothing is copied, processes share the memory, and a model larger than it can run. A
   * file that is cut while it is mapped can end the process, by a signal that Java cannot catch.
   */
  MAPPED,

  /** Copied: what happens to the file afterwards does not matter. */
  COPIED
}
