package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;

/** A stable sort that bears an order which is none, as of NaN, and stops when it takes too long. */
final class Sorting {
  private Sorting() {}

  interface Order<T> {
    boolean less(T a, T b);
  }

  static <T> List<T> sorted(List<T> items, Order<T> order, Budget budget) {
    budget.items(items.size());
    List<T> from = new ArrayList<>(items);
    List<T> to = new ArrayList<>(items);
    for (int width = 1; width < items.size(); width *= 2) {
      for (int start = 0; start < items.size(); start += 2 * width) {
        merge(from, to, start, width, order, budget);
      }
      List<T> swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static <T> void merge(
      List<T> from, List<T> to, int start, int width, Order<T> order, Budget budget) {
    int middle = Math.min(start + width, from.size());
    int end = Math.min(start + 2 * width, from.size());
    int left = start;
    int right = middle;
    for (int i = start; i < end; i++) {
      budget.step();
      boolean takeRight =
          right < end && (left >= middle || order.less(from.get(right), from.get(left)));
      to.set(i, from.get(takeRight ? right++ : left++));
    }
  }
}
