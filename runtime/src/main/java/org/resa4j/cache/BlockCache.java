package org.resa4j.cache;

import java.util.BitSet;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;

/**
 * The pages of an engine's KV cache. Sequences take them as they grow; full pages that dense passes
 * wrote are shared between sequences that begin with the same tokens, and the last page, in part,
 * by a copy. What a sequence leaves behind stays until its page is wanted, the longest unused
 * first.
 *
 * <p>Not thread-safe.
 */
public final class BlockCache {
  private final Engine engine;
  private final int pages;
  private final int pageTokens;
  private final BitSet used;

  /** Pages that nobody holds and none builds on: the ones to give up, in this order. */
  private final TreeSet<CachePage> idle =
      new TreeSet<>(
          Comparator.<CachePage>comparingLong(page -> page.released)
              .thenComparing(page -> page.id));

  private CachePage root;
  private int held;
  private int visitors;
  private long releases;

  /** How often everything was forgotten. */
  private int epoch;

  /** A cache of all of the engine's pages, with nothing in them. */
  public BlockCache(Engine engine) {
    EngineInfo info = engine.info();
    this.engine = engine;
    pages = info.pages();
    pageTokens = info.options().pageTokens();
    used = new BitSet(pages);
    clear();
  }

  /** P, the tokens in a page. */
  public int pageTokens() {
    return pageTokens;
  }

  /** All pages. */
  public int pages() {
    return pages;
  }

  /** Pages that sequences hold. */
  public int heldPages() {
    return held;
  }

  /** Pages that hold something, for a sequence or for whom asks again. */
  public int usedPages() {
    return used.cardinality();
  }

  /**
   * Forgets everything: what the engine holds is in doubt. Sequences that were open hold nothing
   * any more, and must not be used again.
   */
  public void clear() {
    epoch++;
    used.clear();
    idle.clear();
    held = 0;
    visitors = 0;
    root = new CachePage(-1, null, 0);
  }

  /**
   * Opens a sequence with the longest dense prefix of its tokens that is cached.
   *
   * @param tokens what it begins with
   * @param most the most of them to take over
   */
  public CachedSequence open(int[] tokens, int most) {
    CachedSequence sequence = new CachedSequence(this);
    CachePage page = root;
    int known = 0;
    while (known + pageTokens <= most) {
      CachePage next = best(page, tokens, known, most);
      if (next == null || next.common(tokens, known, most) < pageTokens) {
        break;
      }
      hold(next);
      sequence.add(next);
      known += pageTokens;
      page = next;
    }
    sequence.taken(known);
    CachePage part = best(page, tokens, known, most);
    if (part != null) {
      known += copyInto(sequence, part, part.common(tokens, known, most));
      sequence.markDense(tokens, known);
    }
    return sequence;
  }

  /**
   * Opens a sequence with room for all of its tokens, and with what is cached of them, for a short
   * time.
   *
   * @return empty where there is no room; then nothing has been given up for it
   */
  public Optional<CachedSequence> openAll(int[] tokens) {
    int shared = find(tokens, tokens.length) / pageTokens;
    if (Math.ceilDiv(tokens.length, pageTokens) - shared > pages - held) {
      return Optional.empty();
    }
    CachedSequence sequence = open(tokens, tokens.length);
    if (!sequence.reserve(tokens.length)) {
      sequence.release();
      return Optional.empty();
    }
    return Optional.of(visiting(sequence));
  }

  /**
   * Whether pages are held, by {@link #openAll} or {@link #borrow}, that will soon be given back.
   */
  public boolean hasVisitors() {
    return visitors > 0;
  }

  private CachedSequence visiting(CachedSequence sequence) {
    visitors++;
    sequence.visits();
    return sequence;
  }

  void visitorLeaves() {
    visitors--;
  }

  /**
   * Opens what is cached of a text, to be read alone: a last page that is shared in part is held as
   * it is, not copied, so that there is always room.
   */
  public CachedSequence borrow(int[] tokens) {
    CachedSequence sequence = visiting(new CachedSequence(this));
    CachePage page = root;
    int known = 0;
    while (known < tokens.length) {
      CachePage next = best(page, tokens, known, tokens.length);
      if (next == null) {
        break;
      }
      int common = next.common(tokens, known, tokens.length);
      hold(next);
      sequence.add(next);
      known += common;
      if (common < pageTokens) {
        break;
      }
      page = next;
    }
    sequence.taken(known);
    return sequence;
  }

  int epoch() {
    return epoch;
  }

  /**
   * How many of the tokens {@link #open} would find.
   *
   * @param most the most of them to count
   */
  public int find(int[] tokens, int most) {
    CachePage page = root;
    int known = 0;
    while (known < most) {
      CachePage next = best(page, tokens, known, most);
      int common = next == null ? 0 : next.common(tokens, known, most);
      known += common;
      if (common < pageTokens) {
        break;
      }
      page = next;
    }
    return known;
  }

  /** The page after another that shares most with a text, or null where none shares any. */
  private static CachePage best(CachePage page, int[] tokens, int from, int to) {
    CachePage best = null;
    int longest = 0;
    for (CachePage child : page.children) {
      int common = child.common(tokens, from, to);
      if (common > longest) {
        longest = common;
        best = child;
      }
    }
    return best;
  }

  /**
   * Copies a page for a sequence that shares its first tokens. Where there is no room for a copy,
   * the sequence takes the page itself if nobody else does or builds on it.
   *
   * @return the tokens that it shares, 0 where it can have neither
   */
  private int copyInto(CachedSequence sequence, CachePage part, int common) {
    // Held meanwhile, so that it is not the one that is given up.
    hold(part);
    if (grow(sequence)) {
      engine.copyPage(part.id, sequence.last().id);
      release(part);
      return common;
    }
    if (part.holders == 1 && part.children.isEmpty()) {
      part.unindex();
      part.dense = common;
      sequence.add(part);
      return common;
    }
    release(part);
    return 0;
  }

  /** Adds a page to a sequence; false where all are held. */
  boolean grow(CachedSequence sequence) {
    CachePage last = sequence.last();
    OptionalInt free = take(last == null ? 0 : last.id + 1);
    if (free.isEmpty()) {
      return false;
    }
    CachePage page = new CachePage(free.getAsInt(), last == null ? root : last, pageTokens);
    hold(page);
    sequence.add(page);
    return true;
  }

  /** A page that nobody uses, a given one if it is free: neighbours are read in one stretch. */
  private OptionalInt take(int preferred) {
    int id = preferred < pages && !used.get(preferred) ? preferred : used.nextClearBit(0);
    if (id >= pages) {
      CachePage given = idle.pollFirst();
      if (given == null) {
        return OptionalInt.empty();
      }
      drop(given);
      id = given.id;
    }
    used.set(id);
    return OptionalInt.of(id);
  }

  private void drop(CachePage page) {
    page.unindex();
    used.clear(page.id);
    settle(page.parent);
  }

  private void hold(CachePage page) {
    idle.remove(page);
    if (page.holders++ == 0) {
      held++;
    }
  }

  void release(CachePage page) {
    if (--page.holders > 0) {
      return;
    }
    held--;
    page.released = ++releases;
    if (page.indexed) {
      settle(page);
    } else {
      used.clear(page.id);
      settle(page.parent);
    }
  }

  /** Puts a page among those to give up where it is one. */
  private void settle(CachePage page) {
    if (page != root && page.indexed && page.holders == 0 && page.children.isEmpty()) {
      idle.add(page);
    }
  }

  /** Takes a page out of what is shared. */
  void distrust(CachePage page) {
    page.unindex();
    page.dense = 0;
  }
}
