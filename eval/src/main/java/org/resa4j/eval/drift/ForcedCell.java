package org.resa4j.eval.drift;

import org.resa4j.attention.ResaConfig;

/**
 * From which cache, and by which attention, tokens are predicted.
 *
 * @param cache what built the cache
 * @param query attention of the step that predicts
 * @param keepRatio of the sparse steps, be it the cache's or the query's; 1 where there are none
 * @param rectifyEvery tokens between rectifications; 0 for a cache that has none
 * @param before tokens before the first scored one's query that were decoded as the cache says, the
 *     ones before them being encoded densely; {@link #ALL} for the whole answer
 */
record ForcedCell(Cache cache, Query query, double keepRatio, int rectifyEvery, int before) {
  static final int ALL = -1;

  /** What built a cache. */
  enum Cache {
    DENSE,
    SPARSE,
    RESA
  }

  /** How a step attends. */
  enum Query {
    DENSE,
    SPARSE
  }

  ForcedCell {
    if (before < ALL || rectifyEvery < 0 || !(keepRatio > 0 && keepRatio <= 1)) {
      throw new IllegalArgumentException(
          "no cell: %d tokens before, rectified every %d, %s kept"
              .formatted(before, rectifyEvery, keepRatio));
    }
    if ((cache == Cache.RESA) != (rectifyEvery > 0) || (cache == Cache.DENSE && before != 0)) {
      throw new IllegalArgumentException(
          "a %s cache with %d tokens before, rectified every %d"
              .formatted(cache, before, rectifyEvery));
    }
  }

  /** Predictions from a densely built cache; of which the number of tokens before says nothing. */
  static ForcedCell onDense(ResaConfig query) {
    return new ForcedCell(
        Cache.DENSE, query.isDense() ? Query.DENSE : Query.SPARSE, query.keepRatio(), 0, 0);
  }

  /** Predictions from a cache that sparse steps built. */
  static ForcedCell on(ResaConfig built, Query query, int before) {
    return new ForcedCell(
        built.rectifyEvery() > 0 ? Cache.RESA : Cache.SPARSE,
        query,
        built.keepRatio(),
        built.rectifyEvery(),
        before);
  }

  /** {@code all}, or the number of tokens. */
  static String label(int before) {
    return before == ALL ? "all" : String.valueOf(before);
  }
}
