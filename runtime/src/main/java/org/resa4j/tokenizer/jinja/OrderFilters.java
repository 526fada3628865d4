package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Filters that compare items. */
final class OrderFilters {
  private final Builtins builtins;
  private final Budget budget;
  private final Operators operators;

  OrderFilters(Builtins builtins) {
    this.builtins = builtins;
    budget = builtins.budget;
    operators = builtins.operators;
  }

  private record Keyed(Object key, Object item) {}

  Object apply(String name, Object value, Args args) {
    return switch (name) {
      case "sort" -> {
        Object[] a = args.bind(name, 0, "reverse", "case_sensitive", "attribute");
        yield sort(value, flag(a[0]), flag(a[1]), Args.or(a[2], null));
      }
      case "dictsort" -> dictSort(value, args.bind(name, 0, "case_sensitive", "by", "reverse"));
      case "groupby" -> groups(value, args.bind(name, 1, "attribute", "default", "case_sensitive"));
      case "unique" -> {
        Object[] a = args.bind(name, 0, "case_sensitive", "attribute");
        yield unique(value, flag(a[0]), path(a[1]));
      }
      case "min", "max" -> {
        Object[] a = args.bind(name, 0, "case_sensitive", "attribute");
        yield most(value, name.equals("max"), flag(a[0]), path(a[1]));
      }
      default -> throw new AssertionError(name);
    };
  }

  private static boolean flag(Object value) {
    return Operators.truth(Args.or(value, false));
  }

  private AttributePath path(Object attribute) {
    return new AttributePath(Args.or(attribute, null), null, builtins.attributes);
  }

  private Object key(Object value, boolean caseSensitive) {
    String text = caseSensitive ? null : Types.text(value);
    return text == null ? value : builtins.strings.lower(text);
  }

  private List<Keyed> sorted(List<Keyed> items, boolean reverse) {
    // Equal ones stay in their order in reverse too.
    Sorting.Order<Keyed> order =
        reverse
            ? (a, b) -> operators.less(b.key(), a.key())
            : (a, b) -> operators.less(a.key(), b.key());
    return Sorting.sorted(items, order, budget);
  }

  private static List<Object> items(List<Keyed> keyed) {
    List<Object> items = new ArrayList<>(keyed.size());
    for (Keyed each : keyed) {
      items.add(each.item());
    }
    return items;
  }

  private Object sort(Object value, boolean reverse, boolean caseSensitive, Object attribute) {
    List<AttributePath> paths = new ArrayList<>();
    String names = Types.text(attribute);
    if (names == null) {
      paths.add(path(attribute));
    } else {
      for (String name : AttributePath.requireShort(names).split(",", -1)) {
        paths.add(path(name));
      }
    }
    List<Keyed> keyed = new ArrayList<>();
    for (Object item : Sequences.copy(value, budget)) {
      budget.items(paths.size());
      List<Object> key = new ArrayList<>(paths.size());
      for (AttributePath path : paths) {
        key.add(key(path.get(item), caseSensitive));
      }
      keyed.add(new Keyed(key, item));
    }
    return items(sorted(keyed, reverse));
  }

  private Object dictSort(Object value, Object[] a) {
    Object by = Args.or(a[1], "key");
    if (!operators.equal(by, "key") && !operators.equal(by, "value")) {
      throw new Fault("You can only sort by either \"key\" or \"value\"");
    }
    if (!(value instanceof Dict dict)) {
      throw value instanceof Undefined u
          ? u.fault()
          : new Fault("dictsort needs a dict, not '" + Types.name(value) + "'");
    }
    int position = operators.equal(by, "key") ? 0 : 1;
    List<Keyed> keyed = new ArrayList<>();
    for (Object item : dict.items(budget)) {
      Object key = Sequences.items(item).get(position);
      keyed.add(new Keyed(key(key, flag(a[0])), item));
    }
    return items(sorted(keyed, flag(a[2])));
  }

  private Object groups(Object value, Object[] a) {
    boolean caseSensitive = flag(a[2]);
    AttributePath path = new AttributePath(a[0], Args.or(a[1], null), builtins.attributes);
    List<Keyed> keyed = new ArrayList<>();
    for (Object item : Sequences.copy(value, budget)) {
      keyed.add(new Keyed(key(path.get(item), caseSensitive), item));
    }
    List<Object> groups = new ArrayList<>();
    List<Object> group = null;
    Object key = null;
    for (Keyed each : sorted(keyed, false)) {
      if (group == null || !operators.equal(key, each.key())) {
        key = each.key();
        group = new ArrayList<>();
        List<Object> pair = new ArrayList<>();
        // The name of a group is that of its first item, as it was written.
        pair.add(path.get(each.item()));
        pair.add(group);
        budget.item(groups.size() + 1L);
        groups.add(new Tuple(Collections.unmodifiableList(pair), true));
      }
      budget.item(group.size() + 1L);
      group.add(each.item());
    }
    return groups;
  }

  private Object unique(Object value, boolean caseSensitive, AttributePath path) {
    return new Generator(
        new Lazy(budget) {
          private final Set<Object> seen = new HashSet<>();
          private Iterator<Object> items;

          @Override
          Object advance() {
            items = items == null ? Sequences.iterator(value, budget) : items;
            while (items.hasNext()) {
              Object item = items.next();
              budget.item(seen.size() + 1L);
              if (seen.add(Dict.hashable(key(path.get(item), caseSensitive), budget))) {
                return item;
              }
            }
            return Args.ABSENT;
          }
        });
  }

  private Object most(Object value, boolean max, boolean caseSensitive, AttributePath path) {
    Iterator<Object> items = Sequences.iterator(value, budget);
    if (!items.hasNext()) {
      return new Undefined("No aggregated item, sequence was empty.");
    }
    Object most = items.next();
    Object mostKey = key(path.get(most), caseSensitive);
    while (items.hasNext()) {
      budget.step();
      Object item = items.next();
      Object key = key(path.get(item), caseSensitive);
      if (max ? operators.less(mostKey, key) : operators.less(key, mostKey)) {
        most = item;
        mostKey = key;
      }
    }
    return most;
  }
}
