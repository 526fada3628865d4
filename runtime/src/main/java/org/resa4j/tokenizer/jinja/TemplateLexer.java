package org.resa4j.tokenizer.jinja;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Applies Jinja2's whitespace rules to a template's source and writes it out with none left to
 * apply: {@code trim_blocks}, {@code lstrip_blocks}, the signs in {@code {%-} and {@code -%}},
 * comments, the last newline.
 *
 * <p>Jinjava has these settings too, but strips before blocks in the middle of a line as well.
 */
final class TemplateLexer {
  private static final Pattern RAW_BEGIN = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%}");
  private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%}");
  private static final Pattern COMMENT_END = Pattern.compile("([-+]?)#}");

  /** Tags by which Hugging Face marks what the model wrote, for training; they print nothing. */
  private static final Set<String> MARKERS = Set.of("generation", "endgeneration");

  private final String source;
  private final StringBuilder out = new StringBuilder();
  private int at;

  /** Whether the text from {@link #at} on begins a line. */
  private boolean lineStarting = true;

  private TemplateLexer(String source) {
    this.source = source;
  }

  /**
   * The template without whitespace control.
   *
   * @throws org.resa4j.error.InputException if a delimiter is never closed
   */
  static String normalize(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    return new TemplateLexer(source).run();
  }

  private String run() {
    while (true) {
      int open = nextOpening();
      if (open < 0) {
        emit(source.substring(at));
        return out.toString();
      }
      char kind = source.charAt(open + 1);
      char sign = signAt(open + 2);
      emit(strip(source.substring(at, open), sign, kind != '{'));
      Matcher raw = RAW_BEGIN.matcher(source).region(open, source.length());
      if (raw.lookingAt()) {
        raw(raw);
      } else if (kind == '#') {
        comment(open);
      } else {
        block(open, kind, sign);
      }
    }
  }

  private int nextOpening() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private char signAt(int index) {
    char c = index < source.length() ? source.charAt(index) : ' ';
    return c == '-' || c == '+' ? c : ' ';
  }

  /** Strips the text before a delimiter. */
  private String strip(String text, char sign, boolean lstripBlocks) {
    if (sign == '-') {
      return PythonStrings.rstrip(text, null);
    }
    if (sign == '+' || !lstripBlocks) {
      return text;
    }
    int line = text.lastIndexOf('\n') + 1;
    boolean blank = PythonStrings.lstrip(text.substring(line), null).isEmpty();
    return blank && (line > 0 || lineStarting) ? text.substring(0, line) : text;
  }

  private void raw(Matcher begin) {
    at = begin.end();
    if (begin.group(2).equals("-")) {
      skipWhitespace();
    }
    Matcher end = RAW_END.matcher(source);
    if (!end.find(at)) {
      throw Failures.syntax("raw block is never closed");
    }
    String text = source.substring(at, end.start());
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    emit("{% raw %}" + strip(text, sign, true) + "{% endraw %}");
    at = end.end();
    afterBlock(end.group(2));
  }

  private void comment(int open) {
    Matcher end = COMMENT_END.matcher(source);
    if (!end.find(open + 2)) {
      throw Failures.syntax("comment is never closed");
    }
    at = end.end();
    afterBlock(end.group(1));
  }

  /** An expression or a tag. */
  private void block(int open, char kind, char sign) {
    int from = open + (sign == ' ' ? 2 : 3);
    String close = kind == '{' ? "}}" : "%}";
    int end = closing(from, close);
    char endSign = signAt(end - 1);
    int to = end - 1 >= from && (endSign == '-' || endSign == '+' && kind == '%') ? end - 1 : end;
    String body = source.substring(from, to).strip();
    if (kind == '{') {
      emit("{{ " + apart(body) + " }}");
    } else if (!MARKERS.contains(body)) {
      emit("{% " + body + " %}");
    }
    at = end + 2;
    if (kind == '%') {
      afterBlock(source.substring(to, end));
    } else {
      lineStarting = false;
      if (to < end) {
        skipWhitespace();
      }
    }
  }

  /** Where a delimiter closes, outside of strings and brackets. */
  private int closing(int from, String close) {
    int depth = 0;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      if (depth == 0 && source.startsWith(close, i)) {
        return i;
      }
      if (StringLiterals.isQuote(c)) {
        i = StringLiterals.end(source, i);
      } else if ("([{".indexOf(c) >= 0) {
        depth++;
      } else if (")]}".indexOf(c) >= 0) {
        depth--;
      }
    }
    throw Failures.syntax("'" + close + "' is missing");
  }

  /** An expression with its own closing braces apart, as Jinjava ends it at two in a row. */
  private static String apart(String expression) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (StringLiterals.isQuote(c)) {
        int end = StringLiterals.end(expression, i);
        out.append(expression, i, end + 1);
        i = end;
      } else {
        out.append(c).append(c == '}' ? " " : "");
      }
    }
    return out.toString();
  }

  private void afterBlock(String sign) {
    lineStarting = false;
    if (sign.equals("-")) {
      skipWhitespace();
    } else if (sign.isEmpty() && source.startsWith("\n", at)) {
      at++;
      lineStarting = true;
    }
  }

  private void skipWhitespace() {
    while (at < source.length() && PythonStrings.isSpace(source.charAt(at))) {
      lineStarting = source.charAt(at) == '\n';
      at++;
    }
  }

  private void emit(String piece) {
    // Stripping may bring a brace of the text up against what follows.
    if (!piece.isEmpty() && endsWithBrace() && "{%#".indexOf(piece.charAt(0)) >= 0) {
      out.setLength(out.length() - 1);
      out.append("{{ '{' }}");
    }
    out.append(piece);
  }

  private boolean endsWithBrace() {
    return !out.isEmpty() && out.charAt(out.length() - 1) == '{';
  }
}
