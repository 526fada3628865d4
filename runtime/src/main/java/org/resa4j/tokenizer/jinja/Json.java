package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's {@code json.dumps}, which Hugging Face's {@code tojson} is. */
final class Json {
  private final boolean ascii;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final Operators operators;
  private final Budget budget;
  private final TextBuilder out;

  /**
   * @param arguments ensure_ascii, indent, separators and sort_keys
   */
  static String text(Object value, Args arguments, Operators operators, Budget budget) {
    Object[] given =
        arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
    Json json = new Json(given, operators, budget);
    json.write(value, 0);
    return json.out.toString();
  }

  private Json(Object[] given, Operators operators, Budget budget) {
    this.operators = operators;
    this.budget = budget;
    this.out = new TextBuilder(budget);
    this.ascii = Operators.truth(Args.or(given[0], false));
    Object indentation = Args.or(given[1], null);
    if (indentation == null) {
      this.indent = null;
    } else if (Types.isText(indentation)) {
      this.indent = Types.text(indentation);
    } else {
      this.indent = new TextBuilder(budget).repeat(" ", Types.integer(indentation)).toString();
    }
    Object separators = Args.or(given[2], null);
    if (separators == null) {
      this.itemSeparator = indent == null ? ", " : ",";
      this.keySeparator = ": ";
    } else {
      List<Object> both = Sequences.items(separators);
      if (both == null || both.size() != 2 || !both.stream().allMatch(Types::isText)) {
        throw new Fault("the separators of tojson must be two strings");
      }
      this.itemSeparator = Types.text(both.get(0));
      this.keySeparator = Types.text(both.get(1));
    }
    this.sorted = Operators.truth(Args.or(given[3], false));
  }

  private void write(Object value, int depth) {
    budget.enter();
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b ? "true" : "false");
      case Long l -> out.append(Long.toString(l));
      case Double d -> out.append(number(d));
      case String s -> quote(s);
      case Markup m -> quote(m.text());
      case List<?> list -> list(list, depth);
      case Tuple tuple -> list(tuple.items(), depth);
      case Dict dict -> dict(dict, depth);
      default ->
          throw new Fault("Object of type " + Types.name(value) + " is not JSON serializable");
    }
    budget.leave();
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : Numbers.text(value);
  }

  private void list(List<?> items, int depth) {
    out.append('[');
    boolean first = true;
    for (Object item : items) {
      separate(first, depth + 1);
      write(item, depth + 1);
      first = false;
    }
    close(first, depth).append(']');
  }

  private void dict(Dict dict, int depth) {
    out.append('{');
    boolean first = true;
    for (Dict.Entry entry : entries(dict)) {
      separate(first, depth + 1);
      quote(key(entry.key()));
      out.append(keySeparator);
      write(entry.value(), depth + 1);
      first = false;
    }
    close(first, depth).append('}');
  }

  private Iterable<Dict.Entry> entries(Dict dict) {
    if (!sorted) {
      return dict.entries();
    }
    List<Dict.Entry> entries = new ArrayList<>(dict.entries());
    return Sorting.sorted(entries, (a, b) -> operators.less(a.key(), b.key()), budget);
  }

  private static String key(Object key) {
    return switch (key) {
      case null -> "null";
      case String s -> s;
      case Markup m -> m.text();
      case Boolean b -> b ? "true" : "false";
      case Long l -> Long.toString(l);
      case Double d -> number(d);
      default ->
          throw new Fault(
              "a key of JSON must be a string, number, boolean or None, not " + Types.name(key));
    };
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(itemSeparator);
    }
    newLine(depth);
  }

  private void newLine(int depth) {
    if (indent != null) {
      out.append('\n').repeat(indent, depth);
    }
  }

  private TextBuilder close(boolean empty, int depth) {
    if (!empty) {
      newLine(depth);
    }
    return out;
  }

  private void quote(String text) {
    out.append('"');
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      String escape = escape(text.charAt(i));
      if (escape != null) {
        out.append(text, plain, i).append(escape);
        plain = i + 1;
      }
    }
    out.append(text, plain, text.length()).append('"');
  }

  /** Null for a character that stands for itself. */
  private String escape(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default -> c < ' ' || ascii && c > 126 ? "\\u%04x".formatted((int) c) : null;
    };
  }
}
