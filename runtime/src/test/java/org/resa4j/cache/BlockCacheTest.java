package org.resa4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.EngineOptions;
import org.resa4j.generate.RecordingEngine;

class BlockCacheTest {
  /** Pages of 4 tokens. */
  private static BlockCache cache(int pages) {
    EngineOptions options = EngineOptions.of(4 * pages).withBlockSize(1).withPageBlocks(4);
    return new BlockCache(new RecordingEngine(options));
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** A text that was written densely and has ended. */
  private static void leave(BlockCache cache, int... tokens) {
    CachedSequence sequence = cache.open(tokens, tokens.length);
    assertThat(sequence.reserve(tokens.length)).isTrue();
    sequence.markDense(tokens, tokens.length);
    sequence.release();
  }

  private static int[] pages(CachedSequence sequence) {
    return IntStream.range(0, sequence.table().size()).map(sequence.table()::page).toArray();
  }

  @Test
  void fullPagesAreSharedAndTheLastIsCopied() {
    BlockCache cache = cache(10);
    leave(cache, range(0, 10));
    CachedSequence one = cache.open(range(0, 12), 11);
    CachedSequence two = cache.open(range(0, 9), 8);
    assertThat(one.dense()).isEqualTo(10);
    assertThat(two.dense()).isEqualTo(8);
    assertThat(Arrays.copyOf(pages(one), 2)).isEqualTo(pages(two));
    // Its own copy of the third page, so that the original stays as it is.
    assertThat(pages(one)[2]).isNotEqualTo(2);
    assertThat(cache.heldPages()).isEqualTo(3);
    one.release();
    two.release();
    assertThat(cache.heldPages()).isZero();
  }

  @Test
  void whatIsNotDenseIsNotShared() {
    BlockCache cache = cache(10);
    int[] text = range(0, 12);
    CachedSequence drifted = cache.open(text, 0);
    drifted.reserve(12);
    drifted.markDense(text, 6);
    assertThat(cache.find(text, 12)).isEqualTo(6);
    drifted.release();
    assertThat(cache.find(text, 12)).isEqualTo(6);
    // The third page was never dense, and is free.
    assertThat(cache.usedPages()).isEqualTo(2);
  }

  @Test
  void aTextIsSharedWhileItIsBeingWritten() {
    BlockCache cache = cache(10);
    int[] text = range(0, 12);
    CachedSequence first = cache.open(text, 11);
    first.reserve(12);
    first.markDense(text, 5);
    CachedSequence second = cache.open(text, 11);
    assertThat(second.dense()).isEqualTo(5);
    first.markDense(text, 12);
    assertThat(second.dense()).isEqualTo(5);
    assertThat(pages(second)[1]).isNotEqualTo(pages(first)[1]);
    second.reserve(12);
    second.markDense(text, 12);
    first.release();
    second.release();
    assertThat(cache.find(text, 12)).isEqualTo(12);
  }

  @Test
  void theLongestUnusedGoesFirstAndFromItsEnd() {
    BlockCache cache = cache(4);
    leave(cache, range(0, 8));
    leave(cache, range(100, 108));
    // Used again, so that the other is the older one.
    leave(cache, range(0, 8));
    CachedSequence third = cache.open(range(50, 54), 0);
    assertThat(third.reserve(4)).isTrue();
    assertThat(cache.find(range(100, 108), 8)).isEqualTo(4);
    assertThat(cache.find(range(0, 8), 8)).isEqualTo(8);
    assertThat(third.reserve(16)).isTrue();
    assertThat(third.reserve(17)).isFalse();
    assertThat(cache.find(range(0, 8), 8)).isZero();
    third.release();
    assertThat(cache.usedPages()).isZero();
  }

  @Test
  void aFullCacheSharesFullPagesButCannotCopy() {
    BlockCache cache = cache(3);
    int[] text = range(0, 10);
    CachedSequence first = cache.open(text, 0);
    first.reserve(10);
    first.markDense(text, 10);
    CachedSequence second = cache.open(text, 9);
    assertThat(second.dense()).isEqualTo(8);
    assertThat(second.reserve(9)).isFalse();
    first.release();
    assertThat(second.reserve(9)).isTrue();
    second.release();
  }

  @Test
  void whatIsDistrustedIsFoundByNobody() {
    BlockCache cache = cache(10);
    int[] text = range(0, 10);
    CachedSequence first = cache.open(text, 0);
    first.reserve(10);
    first.markDense(text, 10);
    first.distrust();
    assertThat(cache.find(text, 10)).isZero();
    first.release();
    assertThat(cache.usedPages()).isZero();
  }

  @Test
  void lessCannotBeDenseThanWas() {
    BlockCache cache = cache(10);
    CachedSequence first = cache.open(range(0, 8), 0);
    first.reserve(8);
    first.markDense(range(0, 8), 8);
    assertThatThrownBy(() -> first.markDense(range(0, 8), 7))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Against a plain account of who holds which page, over many random moves. */
  @Test
  void noPageIsLostOrHeldByTwoWhoWriteIt() {
    Random random = new Random(6);
    for (int trial = 0; trial < 50; trial++) {
      BlockCache cache = cache(12);
      List<CachedSequence> open = new ArrayList<>();
      Map<CachedSequence, int[]> texts = new HashMap<>();
      for (int move = 0; move < 300; move++) {
        if (open.size() < 4 && random.nextBoolean()) {
          int[] text = random.ints(24, 0, 2).toArray();
          CachedSequence sequence = cache.open(text, random.nextInt(24));
          open.add(sequence);
          texts.put(sequence, text);
        } else if (!open.isEmpty()) {
          CachedSequence sequence = open.get(random.nextInt(open.size()));
          int[] text = texts.get(sequence);
          switch (random.nextInt(4)) {
            case 0 -> {
              open.remove(sequence);
              sequence.release();
            }
            case 1 ->
                sequence.reserve(sequence.dense() + random.nextInt(24 - sequence.dense() + 1));
            default -> {
              int most = Math.min(24, sequence.table().size() * 4);
              sequence.markDense(
                  text, sequence.dense() + random.nextInt(most - sequence.dense() + 1));
            }
          }
        }
        check(cache, open, texts);
      }
      open.forEach(CachedSequence::release);
      assertThat(cache.heldPages()).isZero();
      CachedSequence all = cache.open(new int[] {9}, 0);
      assertThat(all.reserve(48)).as("every page can be had").isTrue();
      all.release();
    }
  }

  private static void check(
      BlockCache cache, List<CachedSequence> open, Map<CachedSequence, int[]> texts) {
    Map<Integer, List<Integer>> contents = new HashMap<>();
    Set<Integer> held = new HashSet<>();
    for (CachedSequence sequence : open) {
      int[] pages = pages(sequence);
      for (int i = 0; i < pages.length; i++) {
        boolean full = sequence.dense() >= 4 * (i + 1);
        // A page that is not full is being written, by one alone.
        assertThat(held.add(pages[i]) || full).isTrue();
        if (full) {
          List<Integer> prefix =
              Arrays.stream(texts.get(sequence), 0, 4 * (i + 1)).boxed().toList();
          assertThat(contents.computeIfAbsent(pages[i], none -> prefix)).isEqualTo(prefix);
        }
      }
    }
    assertThat(cache.heldPages()).isEqualTo(held.size());
    assertThat(cache.usedPages()).isBetween(held.size(), 12);
  }

  @Test
  void whereThereIsNoRoomForACopyThePageItselfIsTaken() {
    BlockCache cache = cache(3);
    leave(cache, range(0, 11));
    int[] text = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 90, 91};
    CachedSequence again = cache.open(text, 11);
    assertThat(again.dense()).isEqualTo(10);
    assertThat(again.reserve(12)).isTrue();
    again.markDense(text, 12);
    again.release();
    assertThat(cache.find(text, 12)).isEqualTo(12);
    // What it was before is gone.
    assertThat(cache.find(range(0, 11), 11)).isEqualTo(10);
    assertThat(cache.heldPages()).isZero();
  }

  @Test
  void aPageThatAnotherHoldsIsNotTaken() {
    BlockCache cache = cache(3);
    CachedSequence holder = cache.open(range(0, 11), 0);
    holder.reserve(11);
    holder.markDense(range(0, 11), 11);
    CachedSequence other = cache.open(range(0, 12), 11);
    assertThat(other.dense()).isEqualTo(8);
    other.release();
    assertThat(cache.find(range(0, 11), 11)).isEqualTo(11);
    holder.release();
    assertThat(cache.heldPages()).isZero();
  }

  @Test
  void whatIsBorrowedTakesNoRoomAndStaysAsItIs() {
    BlockCache cache = cache(3);
    leave(cache, range(0, 11));
    CachedSequence read = cache.borrow(range(0, 10));
    assertThat(read.dense()).isEqualTo(10);
    assertThat(pages(read)).hasSize(3);
    // Held, so that nobody gets its pages.
    assertThat(cache.openAll(new int[] {50})).isEmpty();
    read.release();
    assertThat(cache.find(range(0, 11), 11)).isEqualTo(11);
    assertThat(cache.borrow(new int[] {50}).dense()).isZero();
    assertThat(cache.heldPages()).isZero();
  }

  @Test
  void whatHasNoRoomGivesUpNothingOfOthers() {
    BlockCache cache = cache(4);
    leave(cache, range(0, 8));
    CachedSequence holder = cache.open(range(50, 58), 0);
    holder.reserve(8);
    assertThat(cache.openAll(range(100, 112))).isEmpty();
    assertThat(cache.find(range(0, 8), 8)).isEqualTo(8);
    CachedSequence whole = cache.openAll(range(0, 8)).orElseThrow();
    assertThat(whole.dense()).isEqualTo(8);
    assertThat(cache.usedPages()).isEqualTo(4);
    whole.release();
    holder.release();
  }

  @Test
  void whatWasOpenWhenEverythingWasForgottenHoldsNothing() {
    BlockCache cache = cache(4);
    CachedSequence old = cache.open(range(0, 8), 0);
    old.reserve(8);
    cache.clear();
    old.release();
    assertThat(cache.heldPages()).isZero();
    CachedSequence late = cache.open(range(0, 8), 0);
    cache.clear();
    assertThatThrownBy(() -> late.markDense(range(0, 8), 1))
        .isInstanceOf(IllegalStateException.class);
  }
}
