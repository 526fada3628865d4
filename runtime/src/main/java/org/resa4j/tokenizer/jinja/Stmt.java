package org.resa4j.tokenizer.jinja;

import java.util.List;

/** A statement of a template. */
sealed interface Stmt {
  record Text(String text) implements Stmt {}

  record Print(Expr value) implements Stmt {}

  /**
   * @param branches tried one after the other
   * @param otherwise empty if there is none
   */
  record If(List<Branch> branches, List<Stmt> otherwise) implements Stmt {}

  record Branch(Expr test, List<Stmt> body) {}

  /**
   * @param test null if there is none
   * @param otherwise empty if there is none
   */
  record For(
      Target target,
      Expr items,
      Expr test,
      boolean recursive,
      List<Stmt> body,
      List<Stmt> otherwise,
      int line)
      implements Stmt {}

  record Set(Target target, Expr value, int line) implements Stmt {}

  /**
   * @param filter null if there is none
   */
  record SetBlock(Target target, Expr.Filter filter, List<Stmt> body, int line) implements Stmt {}

  record With(List<Target> targets, List<Expr> values, List<Stmt> body, int line) implements Stmt {}

  record Macro(Definition definition) implements Stmt {}

  /** A call that gets the body as {@code caller}. */
  record CallBlock(Expr.Call call, Definition caller) implements Stmt {}

  record FilterBlock(Expr.Filter filter, List<Stmt> body) implements Stmt {}

  /** What the model wrote; printed as it is, in a scope of its own. */
  record Generation(List<Stmt> body) implements Stmt {}

  record Break() implements Stmt {}

  record Continue() implements Stmt {}

  /**
   * What a macro or a call block is made of.
   *
   * @param name null for a call block
   * @param defaults of the last parameters
   * @param caller whether the body asks for {@code caller}; so the next two
   */
  record Definition(
      String name,
      List<String> parameters,
      List<Expr> defaults,
      List<Stmt> body,
      boolean caller,
      boolean varargs,
      boolean kwargs) {}

  /** What can be assigned to. */
  sealed interface Target {
    record Name(String name) implements Target {}

    record Attribute(String namespace, String name) implements Target {}

    record Several(List<Target> targets) implements Target {}
  }
}
