package org.resa4j.tornado;

import java.util.List;
import org.resa4j.engine.BlockTable;
import org.resa4j.error.Setting;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.attention.AttentionLayout;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The block tables as the device has them, and which sequence's is in which row: a call sends them
 * only if it is of a table that is not there as it is now.
 *
 * <p>A call tells all of its tables by {@link #keep} before it asks for their {@link #offset}s, so
 * that none of them has to make room for another.
 */
final class DeviceTables {
  private final IntArray sent;
  private final int pages;
  private final BlockTable[] held;
  private final long[] version;

  /** The call that a row was last used by. */
  private final long[] used;

  private long call;
  private boolean stale;

  DeviceTables(ArraySource source, AttentionLayout layout) {
    sent =
        source.ints(
            "block tables",
            layout.tableValues(),
            List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES));
    pages = layout.tablePages();
    held = new BlockTable[layout.sequences()];
    version = new long[held.length];
    used = new long[held.length];
  }

  /** What is to be sent where {@link #isStale}. */
  IntArray sent() {
    return sent;
  }

  /** Begins a call. */
  void begin() {
    call++;
  }

  /** Holds on to a table of the call. */
  void keep(BlockTable table) {
    int row = row(table);
    if (row >= 0) {
      used[row] = call;
    }
  }

  /** Where a table of the call begins in the device's array. */
  int offset(BlockTable table) {
    int row = row(table);
    if (row < 0) {
      row = leastUsed();
      held[row] = table;
      write(row, table);
    } else if (version[row] != table.version()) {
      write(row, table);
    }
    used[row] = call;
    return row * pages;
  }

  /** Whether the device has not been sent all that calls were told since. */
  boolean isStale() {
    return stale;
  }

  /** The device has been sent everything. */
  void isSent() {
    stale = false;
  }

  private int row(BlockTable table) {
    for (int row = 0; row < held.length; row++) {
      if (held[row] == table) {
        return row;
      }
    }
    return -1;
  }

  private int leastUsed() {
    int least = 0;
    for (int row = 1; row < held.length; row++) {
      if (used[row] < used[least]) {
        least = row;
      }
    }
    return least;
  }

  private void write(int row, BlockTable table) {
    for (int i = 0; i < table.size(); i++) {
      sent.set(row * pages + i, table.page(i));
    }
    version[row] = table.version();
    stale = true;
  }
}
