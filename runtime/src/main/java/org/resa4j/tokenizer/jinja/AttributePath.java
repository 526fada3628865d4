package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;

/** What filters call an attribute: names with dots between them, or an index. */
final class AttributePath {
  /** In chars; a path is cut into parts that count on no budget. */
  private static final int LONGEST = 1000;

  private final List<Object> parts = new ArrayList<>();
  private final Object otherwise;
  private final Attributes attributes;

  /**
   * @param attribute null for the value itself
   * @param otherwise for what is undefined; null for no other value
   */
  AttributePath(Object attribute, Object otherwise, Attributes attributes) {
    this.otherwise = otherwise;
    this.attributes = attributes;
    String path = Types.text(attribute);
    if (path == null) {
      if (attribute != null) {
        parts.add(attribute);
      }
      return;
    }
    for (String part : requireShort(path).split("\\.", -1)) {
      boolean index = part.length() < 19 && Strings.all(part, c -> c >= '0' && c <= '9');
      parts.add(index ? (Object) Long.valueOf(part) : part);
    }
  }

  static String requireShort(String path) {
    if (path.length() > LONGEST) {
      throw new Fault("the name of an attribute is longer than the limit of " + LONGEST);
    }
    return path;
  }

  Object get(Object value) {
    Object item = value;
    for (Object part : parts) {
      item = attributes.item(item, part);
      if (otherwise != null && item instanceof Undefined) {
        item = otherwise;
      }
    }
    return item;
  }
}
