package org.resa4j.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where a sequence's pages lie in a cache: entry {@code i} is the page that holds tokens {@code
 * i·P} to {@code (i+1)·P - 1}, P the tokens in a page, {@link EngineOptions#pageTokens()}. Who
 * hands out pages sees to it that no two sequences write into one.
 *
 * <p>Not thread-safe.
 */
public final class BlockTable {
  private final int pages;
  private int[] entries = new int[8];
  private int size;
  private long version;

  /**
   * An empty table.
   *
   * @param pages of the cache, {@link EngineInfo#pages()}
   * @throws IllegalArgumentException if there is none
   */
  public BlockTable(int pages) {
    if (pages < 1) {
      throw new IllegalArgumentException("a cache has at least 1 page, not " + pages);
    }
    this.pages = pages;
  }

  /**
   * Tables for those who hand out no pages: one for each sequence, a whole context in consecutive
   * pages.
   *
   * @throws IllegalArgumentException if the cache does not hold them all
   */
  public static List<BlockTable> slots(EngineInfo info) {
    EngineOptions options = info.options();
    int each = options.tablePages();
    if ((long) each * options.sequences() > info.pages()) {
      throw new IllegalArgumentException(
          "%d sequences of %d pages do not fit a cache of %d"
              .formatted(options.sequences(), each, info.pages()));
    }
    List<BlockTable> slots = new ArrayList<>();
    for (int slot = 0; slot < options.sequences(); slot++) {
      BlockTable table = new BlockTable(info.pages());
      for (int i = 0; i < each; i++) {
        table.add(slot * each + i);
      }
      slots.add(table);
    }
    return slots;
  }

  /** Pages of the cache that its entries are of. */
  public int pages() {
    return pages;
  }

  /** Entries. */
  public int size() {
    return size;
  }

  /**
   * An entry.
   *
   * @throws IndexOutOfBoundsException if there is no such entry
   */
  public int page(int index) {
    if (index >= size) {
      throw new IndexOutOfBoundsException("entry %d of %d".formatted(index, size));
    }
    return entries[index];
  }

  /**
   * Adds an entry.
   *
   * @throws IllegalArgumentException if the cache has no such page
   */
  public void add(int page) {
    if (page < 0 || page >= pages) {
      throw new IllegalArgumentException("page %d is none of the %d".formatted(page, pages));
    }
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, 2 * size);
    }
    entries[size++] = page;
    version++;
  }

  /** Drops all entries. */
  public void clear() {
    size = 0;
    version++;
  }

  /** Another number after each change, for who keeps a copy. */
  public long version() {
    return version;
  }
}
