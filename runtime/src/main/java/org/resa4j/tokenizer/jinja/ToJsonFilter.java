package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Hugging Face's {@code tojson}: what {@code json.dumps(value, ensure_ascii=False)} writes. */
final class ToJsonFilter implements Filter {
  @Override
  public String getName() {
    return "tojson";
  }

  @Override
  public Object filter(
      Object value, JinjavaInterpreter interpreter, Object[] arguments, Map<String, Object> named) {
    Object indent = named.getOrDefault("indent", arguments.length > 0 ? arguments[0] : null);
    StringBuilder out = new StringBuilder();
    write(out, value, indent instanceof Number n ? n.intValue() : -1, 0);
    return out.toString();
  }

  @Override
  public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
    return filter(value, interpreter, arguments, Map.of());
  }

  /** An indent below 0 writes on one line. */
  private static void write(StringBuilder out, Object value, int indent, int depth) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        out.append('{');
        while (entries.hasNext()) {
          Map.Entry<?, ?> entry = entries.next();
          newLine(out, indent, depth + 1);
          quote(out, entry.getKey().toString());
          out.append(": ");
          write(out, entry.getValue(), indent, depth + 1);
          separate(out, indent, entries.hasNext());
        }
        close(out, map.isEmpty(), indent, depth).append('}');
      }
      case List<?> list -> {
        Iterator<?> items = list.iterator();
        out.append('[');
        while (items.hasNext()) {
          newLine(out, indent, depth + 1);
          write(out, items.next(), indent, depth + 1);
          separate(out, indent, items.hasNext());
        }
        close(out, list.isEmpty(), indent, depth).append(']');
      }
      case Number number -> out.append(number);
      case Boolean bool -> out.append(bool);
      default -> quote(out, value.toString());
    }
  }

  private static void newLine(StringBuilder out, int indent, int depth) {
    if (indent >= 0) {
      out.append('\n').repeat(' ', indent * depth);
    }
  }

  private static void separate(StringBuilder out, int indent, boolean more) {
    if (more) {
      out.append(indent < 0 ? ", " : ",");
    }
  }

  private static StringBuilder close(StringBuilder out, boolean empty, int indent, int depth) {
    if (!empty) {
      newLine(out, indent, depth);
    }
    return out;
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
