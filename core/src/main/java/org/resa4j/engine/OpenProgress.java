package org.resa4j.engine;

/** Hears how far the opening of an engine is, which may take seconds where kernels are compiled. */
@FunctionalInterface
public interface OpenProgress {
  /** Hears nothing. */
  OpenProgress NONE = (what, done, all) -> {};

  /**
   * @param what is being done, e.g. {@code compiling}
   * @param done how many parts are
   * @param all how many there are
   */
  void at(String what, int done, int all);
}
