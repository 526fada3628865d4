package org.resa4j.cli;

import java.util.function.IntSupplier;
import org.jline.utils.WCWidth;

/**
 * Breaks lines between words where a terminal would break them in the middle of one. Text comes in
 * parts; the last word is held until it is known how long it is.
 */
final class LineWrap {
  private static final int NARROWEST = 20;
  private static final int TAB = 8;

  private final IntSupplier width;
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder blanks = new StringBuilder();
  private final StringBuilder word = new StringBuilder();
  private int wordColumns;
  private int column;

  /** The width that the last part was broken to. */
  private int columns;

  /** Whether the line may break before the word although no blank is there. */
  private boolean mayBreak;

  /**
   * @param width columns, asked for again with each part; what is less than 20 breaks nothing
   */
  LineWrap(IntSupplier width) {
    this.width = width;
  }

  /** Takes a part; returns what can be printed. */
  String add(String part) {
    columns = width.getAsInt();
    if (columns < NARROWEST) {
      return rest() + part;
    }
    part.codePoints().forEach(this::take);
    return taken();
  }

  /** The end of a text: what was held. The next part begins a line. */
  String rest() {
    place();
    out.append(blanks);
    blanks.setLength(0);
    column = 0;
    return taken();
  }

  private void take(int character) {
    if (character == '\n') {
      place();
      out.append(blanks).append('\n');
      blanks.setLength(0);
      column = 0;
    } else if (character == ' ' || character == '\t') {
      place();
      blanks.appendCodePoint(character);
    } else {
      int wide = Math.max(0, WCWidth.wcwidth(character));
      if (wide == 2) {
        // Chinese and Japanese have no blanks: a line may break before each character.
        place();
        mayBreak = true;
      }
      word.appendCodePoint(character);
      wordColumns += wide;
      if (wide == 2) {
        place();
        mayBreak = true;
      } else if (wordColumns >= columns) {
        // Wider than a line: the terminal has to break it.
        place();
      }
    }
  }

  /** Puts the word into this line, or where it does not fit into the next. */
  private void place() {
    if (word.isEmpty()) {
      return;
    }
    int before = blanks.chars().map(blank -> blank == '\t' ? TAB : 1).sum();
    boolean fits = (long) column + before + wordColumns <= columns;
    if (column > 0 && !fits && (mayBreak || before > 0)) {
      out.append('\n');
      column = 0;
    } else {
      out.append(blanks);
      column += before;
    }
    out.append(word);
    column += wordColumns;
    if (column > columns) {
      column %= Math.max(1, columns);
    }
    blanks.setLength(0);
    word.setLength(0);
    wordColumns = 0;
    mayBreak = false;
  }

  private String taken() {
    String text = out.toString();
    out.setLength(0);
    return text;
  }
}
