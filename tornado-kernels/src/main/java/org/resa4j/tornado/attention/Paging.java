package org.resa4j.tornado.attention;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Where tokens and blocks of a sequence lie in a cache: for the kernels of every family. */
public final class Paging {
  private Paging() {}

  /**
   * The row of K and V that a token has in a KV head's part of the cache, or that a block has of
   * the descriptors; rows have d values.
   *
   * @param tables the block tables, {@link AttentionBuffers.Workspace#tables}
   * @param table where that of the sequence begins
   * @param n position of the token, or index of the block, never negative
   * @param perPage tokens of a page, or blocks
   * @param perHead tokens of all pages, or blocks
   */
  public static int row(IntArray tables, int table, int n, int perPage, int kvHead, int perHead) {
    int page = n / perPage;
    return kvHead * perHead + tables.get(table + page) * perPage + n - page * perPage;
  }
}
