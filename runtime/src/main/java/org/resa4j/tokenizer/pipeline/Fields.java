package org.resa4j.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.resa4j.error.InputException;

/**
 * The fields of one component. Each is asked for once; {@link #end} refuses what nobody asked for.
 */
final class Fields {
  /** Of components in a sequence, and of sequences in each other. Published files have 9 and 1. */
  private static final int MOST_COMPONENTS = 32;

  private static final int DEEPEST_SEQUENCES = 2;

  private final Source source;
  private final String place;
  private final String type;
  private final Map<String, Object> left;

  private Fields(Source source, String place, String type, Map<?, ?> fields) {
    this.source = source;
    this.place = place;
    this.type = type;
    this.left = new HashMap<>();
    fields.forEach((name, value) -> left.put((String) name, value));
  }

  /** The fields of a value that must be an object. */
  static Fields of(Source source, String component, Object value) {
    if (value instanceof Map<?, ?> fields) {
      return new Fields(source, component, "", fields);
    }
    throw source.refuse(component, "not an object");
  }

  /** A component, whose {@code type} goes into its name. */
  static Fields ofComponent(Source source, String place, Object value) {
    Fields fields = of(source, place, value);
    return new Fields(source, place, fields.string("type"), fields.left);
  }

  /** What errors call it: its place in the file and its type. */
  String component() {
    return type.isEmpty() ? place : place + " " + type;
  }

  Source source() {
    return source;
  }

  /** The component's type. */
  String type() {
    return type;
  }

  InputException refuse(String why) {
    return source.refuse(component(), why);
  }

  boolean has(String name) {
    return left.get(name) != null;
  }

  /** A field as it is, or null; it may be asked for again. */
  Object peek(String name) {
    return left.get(name);
  }

  String string(String name) {
    if (left.remove(name) instanceof String text) {
      return text;
    }
    throw ill(name, "a string");
  }

  /** A string, or null where there is none. */
  String optionalString(String name) {
    if (has(name)) {
      return string(name);
    }
    left.remove(name);
    return null;
  }

  boolean bool(String name) {
    if (left.remove(name) instanceof Boolean value) {
      return value;
    }
    throw ill(name, "true or false");
  }

  boolean bool(String name, boolean fallback) {
    if (has(name)) {
      return bool(name);
    }
    left.remove(name);
    return fallback;
  }

  int whole(String name, int lowest, int highest) {
    Object value = left.remove(name);
    if (value instanceof Long number && number >= lowest && number <= highest) {
      return number.intValue();
    }
    throw ill(name, "a whole number from %d to %d".formatted(lowest, highest));
  }

  /** A string of one code point. */
  int character(String name) {
    String text = string(name);
    if (text.isEmpty() || text.codePointCount(0, text.length()) != 1) {
      throw ill(name, "one character");
    }
    return text.codePointAt(0);
  }

  List<?> list(String name) {
    if (left.remove(name) instanceof List<?> items) {
      return items;
    }
    throw ill(name, "an array");
  }

  /** The components of an array, each with its place. */
  List<Fields> components(String name) {
    List<Fields> components = new ArrayList<>();
    List<?> items = list(name);
    if (items.size() > MOST_COMPONENTS) {
      throw refuse("more than %d components".formatted(MOST_COMPONENTS));
    }
    if (place.chars().filter(c -> c == '[').count() == DEEPEST_SEQUENCES) {
      throw refuse("more than %d sequences in each other".formatted(DEEPEST_SEQUENCES));
    }
    for (Object item : items) {
      String itsPlace = "%s.%s[%d]".formatted(place, name, components.size());
      components.add(ofComponent(source, itsPlace, item));
    }
    return components;
  }

  Fields object(String name) {
    return of(source, component() + "." + name, left.remove(name));
  }

  /** The only field that there is. */
  String onlyName() {
    if (left.size() != 1) {
      throw refuse("one field is expected, there are " + left.size());
    }
    return left.keySet().iterator().next();
  }

  /** Drops fields that cannot change tokens or text. */
  Fields ignore(String... names) {
    for (String name : names) {
      left.remove(name);
    }
    return this;
  }

  /** Refuses the fields that are left. */
  void end() {
    left.keySet().stream()
        .sorted()
        .findFirst()
        .ifPresent(
            name -> {
              throw refuse("unknown field \"%s\"".formatted(name));
            });
  }

  private InputException ill(String name, String what) {
    return refuse("\"%s\" must be %s".formatted(name, what));
  }
}
