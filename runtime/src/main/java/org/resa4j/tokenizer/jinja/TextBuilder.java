package org.resa4j.tokenizer.jinja;

/** A string that grows within a budget. */
final class TextBuilder {
  private final Budget budget;
  private final StringBuilder text = new StringBuilder();

  TextBuilder(Budget budget) {
    this.budget = budget;
  }

  TextBuilder append(String part) {
    budget.grow(part.length(), (long) text.length() + part.length());
    text.append(part);
    return this;
  }

  TextBuilder append(String part, int from, int to) {
    budget.grow(to - from, (long) text.length() + to - from);
    text.append(part, from, to);
    return this;
  }

  TextBuilder append(char c) {
    budget.grow(1, text.length() + 1L);
    text.append(c);
    return this;
  }

  TextBuilder codePoint(int c) {
    budget.grow(2, text.length() + 2L);
    text.appendCodePoint(c);
    return this;
  }

  TextBuilder repeat(String part, long count) {
    if (count > 0 && !part.isEmpty()) {
      // A count beyond any limit must not overflow the product.
      long chars = part.length() * Math.min(count, Integer.MAX_VALUE);
      budget.grow(chars, text.length() + chars);
      text.repeat(part, (int) count);
    }
    return this;
  }

  int length() {
    return text.length();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
