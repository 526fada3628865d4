package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.attention.AttentionLayout;

/** What the device holds of block tables is what the calls were of. */
class DeviceTablesTest {
  private static final int ROWS = 3;
  private static final int PAGES = 40;

  private final CachePlan plan =
      new CachePlan(
          new AttentionShape(1, 1, 8),
          KvType.F32,
          1,
          EngineOptions.of(64)
              .withSequences(ROWS)
              .withBlockSize(4)
              .withPageBlocks(2)
              .withEncodeTokens(16),
          PAGES);
  private final DeviceTables tables =
      new DeviceTables(ArraySource.ALLOCATED, new AttentionLayout(plan, 1, 1, 16));

  @BeforeEach
  void rowsOfEightPages() {
    assertThat(tables.sent().getSize()).isEqualTo(ROWS * 8);
  }

  private static BlockTable table(int... pages) {
    BlockTable table = new BlockTable(PAGES);
    for (int page : pages) {
      table.add(page);
    }
    return table;
  }

  private int[] call(BlockTable... each) {
    tables.begin();
    for (BlockTable table : each) {
      tables.keep(table);
    }
    int[] offsets = new int[each.length];
    for (int i = 0; i < each.length; i++) {
      offsets[i] = tables.offset(each[i]);
    }
    for (int i = 0; i < each.length; i++) {
      for (int page = 0; page < each[i].size(); page++) {
        assertThat(tables.sent().get(offsets[i] + page)).isEqualTo(each[i].page(page));
      }
    }
    return offsets;
  }

  private boolean sent() {
    boolean stale = tables.isStale();
    tables.isSent();
    return stale;
  }

  @Test
  void whatIsThereIsNotSentAgain() {
    BlockTable a = table(7, 3);
    BlockTable b = table(9);
    int[] offsets = call(a, b);
    assertThat(sent()).isTrue();
    assertThat(call(b, a)).containsExactly(offsets[1], offsets[0]);
    assertThat(call(a)).containsExactly(offsets[0]);
    assertThat(sent()).isFalse();
    b.add(30);
    assertThat(call(a)).containsExactly(offsets[0]);
    assertThat(sent()).as("a change that this call does not need").isFalse();
    assertThat(call(b)).containsExactly(offsets[1]);
    assertThat(sent()).isTrue();
    a.clear();
    a.add(7);
    a.add(3);
    call(a);
    assertThat(sent()).as("the same pages anew").isTrue();
  }

  @Test
  void noTableMakesRoomForAnotherOfItsCall() {
    BlockTable a = table(1);
    BlockTable b = table(2);
    BlockTable c = table(3);
    int[] offsets = call(a, b, c);
    BlockTable d = table(4);
    // The one that was used least is needed itself.
    call(b, c);
    assertThat(call(d, a)).doesNotHaveDuplicates().contains(offsets[0]);
    BlockTable e = table(5);
    BlockTable f = table(6);
    assertThat(call(e, f, a)).doesNotHaveDuplicates().endsWith(offsets[0]);
  }

  @Test
  void randomCallsFindTheirPages() {
    long seed = new SplittableRandom().nextLong() >>> 1;
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<BlockTable> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(table());
    }
    for (int round = 0; round < 2000; round++) {
      BlockTable changed = all.get(random.nextInt(all.size()));
      if (changed.size() == 8) {
        changed.clear();
      } else if (random.nextInt(3) > 0) {
        changed.add(random.nextInt(PAGES));
      }
      List<BlockTable> some = new ArrayList<>(all);
      while (some.size() > 1 + round % ROWS) {
        some.remove(random.nextInt(some.size()));
      }
      int[] before = tables.sent().toHeapArray();
      assertThat(call(some.toArray(BlockTable[]::new))).doesNotHaveDuplicates();
      if (!sent()) {
        assertThat(tables.sent().toHeapArray()).isEqualTo(before);
      }
    }
  }
}
