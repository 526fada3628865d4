package org.resa4j.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One page of the cache: whose it is, and what of it may be shared.
 *
 * <p>Pages with shared content form a tree: a page's parent holds the tokens before its own. A page
 * is DENSE as far as a dense pass, or steps that kept all blocks, wrote it, and DRIFTED from there
 * on; only what is dense is shared.
 */
final class CachePage {
  final int id;
  final int[] tokens;

  /** The page before it, or the root. */
  final CachePage parent;

  /** Those pages after it that have dense tokens. */
  final List<CachePage> children = new ArrayList<>();

  /** Its first tokens that are dense. */
  int dense;

  /** Sequences that have it in their table. */
  int holders;

  /** When a sequence let go of it, as a count of such events. */
  long released;

  /** Whether it is among its parent's children. */
  boolean indexed;

  CachePage(int id, CachePage parent, int pageTokens) {
    this.id = id;
    this.parent = parent;
    tokens = new int[pageTokens];
  }

  /** Dense tokens that it shares with {@code text} from {@code from} on, before {@code to}. */
  int common(int[] text, int from, int to) {
    int most = Math.min(dense, to - from);
    int differs = Arrays.mismatch(tokens, 0, most, text, from, from + most);
    return differs < 0 ? most : differs;
  }

  void index() {
    if (!indexed) {
      indexed = true;
      parent.children.add(this);
    }
  }

  void unindex() {
    if (indexed) {
      indexed = false;
      parent.children.remove(this);
    }
  }
}
