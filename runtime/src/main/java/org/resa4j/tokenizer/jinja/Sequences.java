package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Length, items and slices of values; of strings by code points. */
final class Sequences {
  private Sequences() {}

  static Tuple tuple(Object... items) {
    return new Tuple(Collections.unmodifiableList(Arrays.asList(items)));
  }

  /** The items of a list or tuple; null for another value. */
  static List<Object> items(Object value) {
    if (value instanceof List<?> list) {
      return list(list);
    }
    return value instanceof Tuple tuple ? tuple.items() : null;
  }

  /** Lists hold values only. */
  @SuppressWarnings("unchecked")
  static List<Object> list(List<?> list) {
    return (List<Object>) list;
  }

  /** -1 for a value without one. */
  static long length(Object value) {
    String text = Types.text(value);
    if (text != null) {
      return text.codePointCount(0, text.length());
    }
    return switch (value) {
      case List<?> list -> list.size();
      case Tuple tuple -> tuple.items().size();
      case Dict dict -> dict.size();
      case View view -> view.items().size();
      case Range range -> range.length();
      case Loop loop -> loop.length();
      case Undefined ignored -> 0;
      case null, default -> -1;
    };
  }

  static long knownLength(Object value) {
    long length = length(value);
    if (length < 0) {
      throw new Fault("object of type '" + Types.name(value) + "' has no len()");
    }
    return length;
  }

  /** Null for a value that cannot be gone through. */
  static Iterator<Object> iteratorOrNull(Object value, Budget budget) {
    String text = Types.text(value);
    if (text != null) {
      return characters(text, budget);
    }
    return switch (value) {
      case List<?> list -> list(list).iterator();
      case Tuple tuple -> tuple.items().iterator();
      case Dict dict -> dict.keys(budget).iterator();
      case View view -> view.items().iterator();
      case Range range -> numbers(range);
      case Generator generator -> generator.items();
      case Undefined ignored -> Collections.emptyIterator();
      case null, default -> null;
    };
  }

  static boolean isIterable(Object value) {
    return value instanceof Loop
        || value instanceof Generator
        || value instanceof Dict
        || value instanceof View
        || value instanceof Range
        || value instanceof Undefined
        || Types.isText(value)
        || items(value) != null;
  }

  static Iterator<Object> iterator(Object value, Budget budget) {
    Iterator<Object> iterator = iteratorOrNull(value, budget);
    if (iterator == null) {
      throw new Fault("'" + Types.name(value) + "' object is not iterable");
    }
    return iterator;
  }

  private static Iterator<Object> characters(String text, Budget budget) {
    return new Iterator<>() {
      private int position;

      @Override
      public boolean hasNext() {
        return position < text.length();
      }

      @Override
      public Object next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        budget.step();
        int c = text.codePointAt(position);
        position += Character.charCount(c);
        return Character.toString(c);
      }
    };
  }

  private static Iterator<Object> numbers(Range range) {
    return new Iterator<>() {
      private long index;

      @Override
      public boolean hasNext() {
        return index < range.length();
      }

      @Override
      public Object next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return range.get(index++);
      }
    };
  }

  static Iterator<Object> backwards(List<Object> items) {
    return items.reversed().iterator();
  }

  /** All items in a list of its own. */
  static List<Object> copy(Object value, Budget budget) {
    return copy(iterator(value, budget), budget);
  }

  static List<Object> copy(Iterator<Object> items, Budget budget) {
    List<Object> list = new ArrayList<>();
    while (items.hasNext()) {
      budget.item(list.size() + 1L);
      list.add(items.next());
    }
    return list;
  }

  /** The item at an index, which may count from the end; ABSENT beyond the ends. */
  static Object at(Object value, long index) {
    long length = length(value);
    long i = index < 0 ? index + length : index;
    if (i < 0 || i >= length) {
      return Args.ABSENT;
    }
    if (value instanceof Range range) {
      return range.get(i);
    }
    List<Object> items = items(value);
    if (items != null) {
      return items.get((int) i);
    }
    String text = Types.text(value);
    int at = text.offsetByCodePoints(0, (int) i);
    return like(value, Character.toString(text.codePointAt(at)));
  }

  /** A string that is marked as safe if another one is. */
  static Object like(Object other, String text) {
    return other instanceof Markup ? new Markup(text) : text;
  }

  /**
   * Python's slice.
   *
   * @param start null if left out; so the next two
   */
  static Object slice(Object value, Long start, Long stop, Long step, Budget budget) {
    if (value instanceof Undefined u) {
      throw u.fault();
    }
    String text = Types.text(value);
    List<Object> items = items(value);
    if (text == null && items == null && !(value instanceof Range)) {
      throw new Fault("'" + Types.name(value) + "' object cannot be sliced");
    }
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw new Fault("slice step cannot be zero");
    }
    long length = length(value);
    long from = bound(start, by > 0 ? 0 : length - 1, length, by);
    long to = bound(stop, by > 0 ? length : -1, length, by);
    if (value instanceof Range range) {
      return new Range(
          range.start() + from * range.step(),
          range.start() + to * range.step(),
          Numbers.arithmetic("*", range.step(), by) instanceof Long l ? l : 1);
    }
    if (text != null) {
      return like(value, slice(text, (int) length, new Range(from, to, by), budget));
    }
    Range indices = new Range(from, to, by);
    long count = indices.length();
    budget.items(count);
    List<Object> slice = new ArrayList<>((int) count);
    for (long i = 0; i < count; i++) {
      slice.add(items.get((int) (from + i * by)));
    }
    return value instanceof Tuple ? new Tuple(slice) : slice;
  }

  private static long bound(Long given, long otherwise, long length, long step) {
    if (given == null) {
      return otherwise;
    }
    long bound = given < 0 ? given + length : given;
    return step > 0 ? Math.clamp(bound, 0, length) : Math.clamp(bound, -1, length - 1);
  }

  private static String slice(String text, int length, Range indices, Budget budget) {
    int count = (int) indices.length();
    if (count == 0) {
      return "";
    }
    budget.text(count);
    boolean plain = length == text.length();
    if (indices.step() == 1) {
      int from = (int) indices.start();
      int start = plain ? from : text.offsetByCodePoints(0, from);
      int end = plain ? from + count : text.offsetByCodePoints(start, count);
      return text.substring(start, end);
    }
    budget.allocate(plain ? 0 : 2L * length);
    int[] points = plain ? null : text.codePoints().toArray();
    StringBuilder slice = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int index = (int) (indices.start() + i * indices.step());
      slice.appendCodePoint(plain ? text.charAt(index) : points[index]);
    }
    return slice.toString();
  }
}
