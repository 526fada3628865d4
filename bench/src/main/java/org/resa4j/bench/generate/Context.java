package org.resa4j.bench.generate;

import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Engine;

/** What is in the cache before anything is timed. */
interface Context {
  /** Fills the tokens {@code from} to {@code to} - 1 of a sequence; those before are there. */
  void fill(Engine engine, BlockTable table, int from, int to);
}
