package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Requests that wait for their turn: the most urgent first, of equals those that were interrupted,
 * then the one that finds most of its prompt cached, then the first that came. Those that came long
 * after the first do not pass it: whoever asks again and again must not keep it waiting.
 */
final class RequestQueue {
  /** How many sequences may have begun between a request and another that passes it. */
  private static final int PATIENCE = 8;

  private final List<Sequence> waiting = new ArrayList<>();

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean hasMoreUrgent(int priority) {
    return waiting.stream().anyMatch(sequence -> sequence.request.priority() > priority);
  }

  /** A new request. */
  void add(Sequence sequence) {
    waiting.add(sequence);
  }

  /** One that had begun: it comes before those that had not. */
  void putBack(Sequence sequence) {
    waiting.addFirst(sequence);
  }

  /**
   * The request whose turn it is; it stays in the queue.
   *
   * @param cached how many of a request's tokens are cached
   */
  Sequence next(ToIntFunction<Sequence> cached) {
    Sequence first = waiting.getFirst();
    for (Sequence sequence : waiting) {
      if (sequence.request.priority() > first.request.priority()) {
        first = sequence;
      }
    }
    Sequence best = first;
    int longest = 0;
    for (Sequence sequence : waiting) {
      boolean passes =
          sequence.request.priority() == first.request.priority()
              && sequence.begunBefore <= first.begunBefore + PATIENCE
              && !first.hasBegun();
      int known = passes ? cached.applyAsInt(sequence) : 0;
      if (known > longest) {
        longest = known;
        best = sequence;
      }
    }
    return best;
  }

  void remove(Sequence sequence) {
    waiting.remove(sequence);
  }

  /** Takes out all requests of a kind. */
  void removeIf(Predicate<Sequence> kind, Consumer<Sequence> removed) {
    for (Iterator<Sequence> iterator = waiting.iterator(); iterator.hasNext(); ) {
      Sequence sequence = iterator.next();
      if (kind.test(sequence)) {
        iterator.remove();
        removed.accept(sequence);
      }
    }
  }
}
