package org.resa4j.tokenizer.jinja;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.jinja.Token.Kind;

/** The tokens of a template, where its parser is, and how deep. */
final class TokenStream {
  private final List<Token> tokens;
  private final int nestingLimit;
  private int position;
  private int nesting;

  /** Names that the body of a macro or loop has read, for those that Jinja2 gives on demand. */
  private Set<String> names = new HashSet<>();

  TokenStream(List<Token> tokens, int nestingLimit) {
    this.tokens = tokens;
    this.nestingLimit = nestingLimit;
  }

  Token current() {
    return tokens.get(position);
  }

  Token next() {
    Token token = tokens.get(position);
    if (!token.is(Kind.END)) {
      position++;
    }
    return token;
  }

  Token look() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  int line() {
    return current().line();
  }

  boolean skipName(String name) {
    boolean found = current().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipOperator(String operator) {
    boolean found = current().isOperator(operator);
    if (found) {
      next();
    }
    return found;
  }

  Token expect(Kind kind, String description) {
    if (!current().is(kind)) {
      throw expected(description);
    }
    return next();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw expected("'" + operator + "'");
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw expected("'" + name + "'");
    }
  }

  InputException expected(String description) {
    return error("expected " + description + ", got " + current().described());
  }

  InputException error(String message) {
    return Lexer.error(line(), message);
  }

  /** To be followed by {@link #leave}. */
  void enter() {
    if (++nesting > nestingLimit) {
      throw error("it nests deeper than the limit of " + nestingLimit + " levels");
    }
  }

  void leave() {
    nesting--;
  }

  void read(String name) {
    names.add(name);
  }

  /** Begins a body; gives what was read outside, for {@link #endBody}. */
  Set<String> beginBody() {
    Set<String> outside = names;
    names = new HashSet<>();
    return outside;
  }

  /** Gives what the body has read, nested ones included. */
  Set<String> endBody(Set<String> outside) {
    Set<String> body = names;
    names = outside;
    names.addAll(body);
    return body;
  }
}
