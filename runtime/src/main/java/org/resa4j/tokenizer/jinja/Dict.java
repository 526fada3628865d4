package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A dict: in the order of insertion, with 1, 1.0 and True as one key. */
final class Dict {
  /** For keys that have no value of their own in Java. */
  private enum Key {
    NONE,
    UNDEFINED
  }

  record Entry(Object key, Object value) {}

  private final Map<Object, Entry> entries = new LinkedHashMap<>();

  /** Something that is equal in Java for keys that are equal in Python. */
  static Object hashable(Object key, Budget budget) {
    return switch (key) {
      case null -> Key.NONE;
      case String s -> s;
      case Long l -> l;
      case Boolean b -> b ? 1L : 0L;
      case Double d -> d == Math.rint(d) && Math.abs(d) < 0x1p63 ? (Object) d.longValue() : d;
      case Markup m -> m.text();
      case Undefined u -> Key.UNDEFINED;
      case Tuple tuple -> {
        budget.enter();
        List<Object> items = new ArrayList<>();
        for (Object item : tuple.items()) {
          budget.item(items.size());
          items.add(hashable(item, budget));
        }
        budget.leave();
        yield items;
      }
      case List<?> l -> throw unhashable(l);
      case Dict d -> throw unhashable(d);
      case View v -> throw unhashable(v);
      default -> key;
    };
  }

  private static Fault unhashable(Object key) {
    return new Fault("unhashable type: '" + Types.name(key) + "'");
  }

  static boolean isHashable(Object key) {
    return !(key instanceof List || key instanceof Dict || key instanceof View);
  }

  /** Null if there is none. */
  Entry find(Object key, Budget budget) {
    return entries.get(hashable(key, budget));
  }

  void put(Object key, Object value, Budget budget) {
    Object hashable = hashable(key, budget);
    Entry old = entries.get(hashable);
    if (old == null) {
      budget.item(entries.size() + 1L);
    }
    entries.put(hashable, new Entry(old == null ? key : old.key(), value));
  }

  int size() {
    return entries.size();
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  List<Object> keys(Budget budget) {
    List<Object> keys = list(budget);
    for (Entry entry : entries.values()) {
      keys.add(entry.key());
    }
    return keys;
  }

  List<Object> values(Budget budget) {
    List<Object> values = list(budget);
    for (Entry entry : entries.values()) {
      values.add(entry.value());
    }
    return values;
  }

  /** Pairs of key and value. */
  List<Object> items(Budget budget) {
    budget.allocate(entries.size());
    List<Object> items = list(budget);
    for (Entry entry : entries.values()) {
      items.add(Sequences.tuple(entry.key(), entry.value()));
    }
    return items;
  }

  private List<Object> list(Budget budget) {
    budget.items(entries.size());
    return new ArrayList<>(entries.size());
  }

  Dict copy(Budget budget) {
    Dict copy = new Dict();
    budget.items(entries.size());
    copy.entries.putAll(entries);
    return copy;
  }
}
