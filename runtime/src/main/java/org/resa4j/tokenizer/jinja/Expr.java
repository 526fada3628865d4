package org.resa4j.tokenizer.jinja;

import java.util.List;

/** An expression of a template. Chains of operators are flat, so that long ones nest no deeper. */
sealed interface Expr {
  int line();

  record Constant(Object value, int line) implements Expr {}

  record Name(String name, int line) implements Expr {}

  record TupleOf(List<Expr> items, int line) implements Expr {}

  record ListOf(List<Expr> items, int line) implements Expr {}

  record DictOf(List<Expr> keys, List<Expr> values, int line) implements Expr {}

  /**
   * @param otherwise null if there is none
   */
  record Conditional(Expr test, Expr then, Expr otherwise, int line) implements Expr {}

  record Or(List<Expr> operands, int line) implements Expr {}

  record And(List<Expr> operands, int line) implements Expr {}

  record Not(Expr operand, int line) implements Expr {}

  /**
   * @param operators one less than operands
   */
  record Compare(List<Expr> operands, List<String> operators, int line) implements Expr {}

  /**
   * From left to right.
   *
   * @param operators one less than operands
   */
  record Arithmetic(List<Expr> operands, List<String> operators, int line) implements Expr {}

  record Concat(List<Expr> operands, int line) implements Expr {}

  record Signed(boolean negative, Expr operand, int line) implements Expr {}

  record Attribute(Expr target, String name, int line) implements Expr {}

  record Item(Expr target, Expr index, int line) implements Expr {}

  /** Bounds and step are null where they are left out. */
  record Slice(Expr target, Expr start, Expr stop, Expr step, int line) implements Expr {}

  record Call(Expr callee, Arguments arguments, int line) implements Expr {}

  /**
   * @param target null in a filter block
   */
  record Filter(Expr target, String name, Arguments arguments, int line) implements Expr {}

  record Test(Expr target, String name, Arguments arguments, int line) implements Expr {}

  /**
   * @param names one for each of the values
   * @param more what follows a star, else null
   * @param moreNamed what follows two, else null
   */
  record Arguments(
      List<Expr> positional, List<String> names, List<Expr> values, Expr more, Expr moreNamed) {
    static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
  }
}
