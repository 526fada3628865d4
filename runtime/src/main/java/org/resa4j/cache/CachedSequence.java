package org.resa4j.cache;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.BlockTable;

/**
 * One sequence's pages.
 *
 * <p>Not thread-safe. After {@link #release} it must not be used.
 */
public final class CachedSequence {
  private final BlockCache cache;
  private final BlockTable table;
  private final List<CachePage> pages = new ArrayList<>();
  private final int epoch;
  private int dense;
  private boolean visits;

  CachedSequence(BlockCache cache) {
    this.cache = cache;
    table = new BlockTable(cache.pages());
    epoch = cache.epoch();
  }

  /**
   * @throws IllegalStateException if the cache has forgotten everything since this was opened
   */
  void checkCurrent() {
    if (epoch != cache.epoch()) {
      throw new IllegalStateException("the engine failed, and its cache with it");
    }
  }

  /** Where its pages lie. */
  public BlockTable table() {
    return table;
  }

  /** Its first tokens that are cached as a dense pass leaves them. */
  public int dense() {
    return dense;
  }

  /**
   * Sees to it that there is room for so many tokens.
   *
   * @return false where all pages are held; those that it has got it keeps
   */
  public boolean reserve(int tokens) {
    while (tokens > pages.size() * cache.pageTokens()) {
      if (!cache.grow(this)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Says how many of its first tokens are cached as a dense pass leaves them; others may share them
   * from now on.
   *
   * @param tokens its tokens
   * @param count how many, at least those that were
   */
  public void markDense(int[] tokens, int count) {
    checkCurrent();
    if (count < dense) {
      throw new IllegalArgumentException(
          "%d tokens are dense, which %d were".formatted(count, dense));
    }
    int each = cache.pageTokens();
    for (int at = dense / each; at * each < count; at++) {
      CachePage page = pages.get(at);
      int upTo = Math.min(each, count - at * each);
      System.arraycopy(tokens, at * each + page.dense, page.tokens, page.dense, upTo - page.dense);
      page.dense = upTo;
      page.index();
    }
    dense = count;
  }

  /** Nothing may be shared that it alone holds: its values are no numbers. */
  public void distrust() {
    for (int i = pages.size() - 1; i >= 0 && pages.get(i).holders == 1; i--) {
      cache.distrust(pages.get(i));
    }
  }

  /** Gives its pages back; what is dense of them stays for others while there is room. */
  public void release() {
    for (int i = pages.size() - 1; i >= 0 && epoch == cache.epoch(); i--) {
      cache.release(pages.get(i));
    }
    if (visits && epoch == cache.epoch()) {
      cache.visitorLeaves();
    }
    visits = false;
    pages.clear();
    table.clear();
  }

  /** It is no text in the making. */
  void visits() {
    visits = true;
  }

  CachePage last() {
    return pages.isEmpty() ? null : pages.getLast();
  }

  void add(CachePage page) {
    pages.add(page);
    table.add(page.id);
  }

  /** Its pages are of that many tokens of others. */
  void taken(int tokens) {
    dense = tokens;
  }
}
