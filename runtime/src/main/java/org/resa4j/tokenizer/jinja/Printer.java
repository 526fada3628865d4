package org.resa4j.tokenizer.jinja;

import java.util.Collection;
import java.util.List;

/** Python's {@code str} and {@code repr}. */
final class Printer {
  private final Budget budget;

  Printer(Budget budget) {
    this.budget = budget;
  }

  /** What a template prints. */
  String text(Object value) {
    if (value instanceof String s) {
      return s;
    }
    if (value instanceof Markup m) {
      return m.text();
    }
    return value instanceof Undefined ? "" : repr(value);
  }

  String repr(Object value) {
    if (value instanceof Long l) {
      return Long.toString(l);
    }
    TextBuilder out = new TextBuilder(budget);
    write(out, value);
    return out.toString();
  }

  private void write(TextBuilder out, Object value) {
    budget.enter();
    switch (value) {
      case null -> out.append("None");
      case Boolean b -> out.append(b ? "True" : "False");
      case Long l -> out.append(Long.toString(l));
      case Double d -> out.append(Numbers.text(d));
      case String s -> quote(out, s, false);
      case Markup m -> {
        out.append("Markup(");
        quote(out, m.text(), false);
        out.append(')');
      }
      case List<?> list -> items(out.append('['), list, "]");
      case Tuple tuple ->
          items(out.append('('), tuple.items(), tuple.items().size() == 1 ? ",)" : ")");
      case Dict dict -> dict(out, dict);
      case View view -> items(out.append(view.kind()).append("(["), view.items(), "])");
      case Range range -> range(out, range);
      case Namespace namespace -> {
        dict(out.append("<Namespace "), namespace.attributes);
        out.append('>');
      }
      case Undefined ignored -> out.append("Undefined");
      case Macro macro when macro.definition().name() != null ->
          quote(out.append("<Macro "), macro.definition().name(), false).append('>');
      case Loop loop -> out.append("<LoopContext " + loop.index() + "/" + loop.length() + ">");
      default -> out.append('<').append(Types.name(value)).append(" object>");
    }
    budget.leave();
  }

  private void items(TextBuilder out, Collection<?> items, String end) {
    boolean first = true;
    for (Object item : items) {
      if (!first) {
        out.append(", ");
      }
      write(out, item);
      first = false;
    }
    out.append(end);
  }

  private void dict(TextBuilder out, Dict dict) {
    out.append('{');
    boolean first = true;
    for (Dict.Entry entry : dict.entries()) {
      if (!first) {
        out.append(", ");
      }
      write(out, entry.key());
      out.append(": ");
      write(out, entry.value());
      first = false;
    }
    out.append('}');
  }

  private static void range(TextBuilder out, Range range) {
    out.append("range(" + range.start() + ", " + range.stop());
    out.append(range.step() == 1 ? ")" : ", " + range.step() + ")");
  }

  /**
   * In the quotes that need fewer escapes.
   *
   * @param ascii whether to escape all that is not ASCII
   */
  TextBuilder quote(TextBuilder out, String text, boolean ascii) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c == quote) {
            out.append('\\').append(quote);
          } else if (Characters.isPrintable(c) && !(ascii && c > 127)) {
            out.codePoint(c);
          } else {
            String escape = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
            out.append(escape.formatted(c));
          }
        }
      }
    }
    return out.append(quote);
  }
}
