package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.resa4j.tokenizer.jinja.Token.Kind;

/** Jinja2's grammar of expressions. */
final class ExpressionParser {
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int COMPARE = 4;
  private static final int SUM = 5;
  private static final int CONCAT = 6;
  private static final int PRODUCT = 7;
  private static final int POWER = 8;

  private final TokenStream stream;

  /** Filters and tests that are not known, and may be in a branch that is never taken. */
  private final List<Expr> unknown = new ArrayList<>();

  ExpressionParser(TokenStream stream) {
    this.stream = stream;
  }

  /** How many unknown filters and tests there were, for the two methods that follow. */
  int unknownMark() {
    return unknown.size();
  }

  /** Lets those since the mark pass; they fail if they are come to. */
  void allowUnknown(int mark) {
    unknown.subList(mark, unknown.size()).clear();
  }

  void refuseUnknown(int mark) {
    if (unknown.size() > mark) {
      Expr first = unknown.get(mark);
      throw Lexer.error(
          first.line(),
          first instanceof Expr.Filter filter
              ? Filters.unknown(filter.name())
              : Tests.unknown(((Expr.Test) first).name()));
    }
  }

  /** Several expressions with commas are a tuple. */
  Expr tuple() {
    return tuple(true, null, false);
  }

  Expr tupleWithoutCondition(String end) {
    return tuple(false, end, false);
  }

  private Expr tuple(boolean conditions, String end, boolean parentheses) {
    int line = stream.line();
    List<Expr> items = new ArrayList<>();
    boolean several = false;
    while (!endsTuple(end)) {
      items.add(conditions ? expression() : withoutCondition());
      if (!stream.skipOperator(",")) {
        break;
      }
      several = true;
    }
    if (!several && !items.isEmpty()) {
      return items.getFirst();
    }
    if (!several && !parentheses) {
      throw stream.expected("an expression");
    }
    return new Expr.TupleOf(items, line);
  }

  private boolean endsTuple(String end) {
    Token token = stream.current();
    return token.is(Kind.VARIABLE_END)
        || token.is(Kind.BLOCK_END)
        || token.isOperator(")")
        || end != null && token.isName(end);
  }

  Expr expression() {
    stream.enter();
    int mark = unknownMark();
    int line = stream.line();
    Expr expr = operators(OR);
    boolean conditional = false;
    while (stream.skipName("if")) {
      conditional = true;
      Expr test = operators(OR);
      Expr otherwise = stream.skipName("else") ? expression() : null;
      expr = new Expr.Conditional(test, expr, otherwise, line);
      line = stream.line();
    }
    if (conditional) {
      allowUnknown(mark);
    }
    stream.leave();
    return expr;
  }

  private Expr withoutCondition() {
    stream.enter();
    Expr expr = operators(OR);
    stream.leave();
    return expr;
  }

  /**
   * Operators that bind at least so tightly. One method for all of them: a method for each would
   * take a multiple of the stack for every bracket.
   */
  private Expr operators(int tightest) {
    int line = stream.line();
    Expr left = tightest <= NOT && stream.current().isName("not") ? not() : unary(true);
    while (true) {
      int binds = binds(stream.current());
      if (binds < tightest) {
        return left;
      }
      List<Expr> operands = new ArrayList<>(List.of(left));
      List<String> operators = new ArrayList<>();
      while (binds(stream.current()) == binds) {
        String operator = stream.next().text();
        if (operator.equals("not")) {
          operator += " " + stream.next().text();
        }
        operators.add(operator);
        operands.add(operators(binds + 1));
      }
      left = chain(binds, operands, operators, line);
    }
  }

  /** How tightly a token binds what is left and right of it; 0 if it does not. */
  private int binds(Token token) {
    if (token.is(Kind.NAME)) {
      return switch (token.text()) {
        case "or" -> OR;
        case "and" -> AND;
        case "in" -> COMPARE;
        case "not" -> stream.look().isName("in") ? COMPARE : 0;
        default -> 0;
      };
    }
    if (!token.is(Kind.OPERATOR)) {
      return 0;
    }
    return switch (token.text()) {
      case "==", "!=", "<", "<=", ">", ">=" -> COMPARE;
      case "+", "-" -> SUM;
      case "~" -> CONCAT;
      case "*", "/", "//", "%" -> PRODUCT;
      case "**" -> POWER;
      default -> 0;
    };
  }

  private static Expr chain(int binds, List<Expr> operands, List<String> operators, int line) {
    return switch (binds) {
      case OR -> new Expr.Or(operands, line);
      case AND -> new Expr.And(operands, line);
      case COMPARE -> new Expr.Compare(operands, operators, line);
      case CONCAT -> new Expr.Concat(operands, line);
      default -> new Expr.Arithmetic(operands, operators, line);
    };
  }

  private Expr not() {
    int line = stream.next().line();
    stream.enter();
    Expr operand = stream.current().isName("not") ? not() : operators(COMPARE);
    stream.leave();
    return new Expr.Not(operand, line);
  }

  private boolean at(String... operators) {
    for (String operator : operators) {
      if (stream.current().isOperator(operator)) {
        return true;
      }
    }
    return false;
  }

  private Expr unary(boolean filters) {
    int line = stream.line();
    Expr expr;
    if (at("-", "+")) {
      boolean negative = stream.next().isOperator("-");
      stream.enter();
      expr = new Expr.Signed(negative, unary(false), line);
      stream.leave();
    } else {
      expr = primary();
    }
    expr = postfix(expr);
    return filters ? filtersAndTests(expr) : expr;
  }

  Expr primary() {
    Token token = stream.next();
    return switch (token.kind()) {
      case NAME -> name(token);
      case STRING -> strings(token);
      case NUMBER -> new Expr.Constant(token.value(), token.line());
      case OPERATOR -> bracket(token);
      default -> throw Lexer.error(token.line(), "unexpected " + token.described());
    };
  }

  private Expr name(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Expr.Constant(true, token.line());
      case "false", "False" -> new Expr.Constant(false, token.line());
      case "none", "None" -> new Expr.Constant(null, token.line());
      default -> {
        stream.read(token.text());
        yield new Expr.Name(token.text(), token.line());
      }
    };
  }

  private Expr strings(Token first) {
    if (!stream.current().is(Kind.STRING)) {
      return new Expr.Constant(first.text(), first.line());
    }
    StringBuilder text = new StringBuilder(first.text());
    while (stream.current().is(Kind.STRING)) {
      text.append(stream.next().text());
    }
    return new Expr.Constant(text.toString(), first.line());
  }

  private Expr bracket(Token token) {
    switch (token.text()) {
      case "(" -> {
        Expr expr = tuple(true, null, true);
        stream.expectOperator(")");
        return expr;
      }
      case "[" -> {
        List<Expr> items = new ArrayList<>();
        while (!at("]")) {
          items.add(expression());
          if (!at("]")) {
            stream.expectOperator(",");
          }
        }
        stream.next();
        return new Expr.ListOf(items, token.line());
      }
      case "{" -> {
        return dict(token.line());
      }
      default -> throw Lexer.error(token.line(), "unexpected " + token.described());
    }
  }

  private Expr dict(int line) {
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!at("}")) {
      keys.add(expression());
      stream.expectOperator(":");
      values.add(expression());
      if (!at("}")) {
        stream.expectOperator(",");
      }
    }
    stream.next();
    return new Expr.DictOf(keys, values, line);
  }

  private Expr postfix(Expr start) {
    Expr expr = start;
    while (true) {
      int line = stream.line();
      if (stream.skipOperator(".")) {
        expr = attribute(expr, line);
      } else if (stream.skipOperator("[")) {
        expr = subscript(expr, line);
      } else if (at("(")) {
        expr = new Expr.Call(expr, arguments(), line);
      } else {
        return expr;
      }
    }
  }

  private Expr attribute(Expr target, int line) {
    Token token = stream.next();
    if (token.is(Kind.NAME)) {
      return new Expr.Attribute(target, token.text(), line);
    }
    if (token.is(Kind.NUMBER) && token.value() instanceof Long) {
      return new Expr.Item(target, new Expr.Constant(token.value(), line), line);
    }
    throw Lexer.error(token.line(), "expected name or number, got " + token.described());
  }

  private Expr subscript(Expr target, int line) {
    if (stream.skipOperator("]")) {
      return new Expr.Item(target, new Expr.TupleOf(List.of(), line), line);
    }
    Expr first = at(":") ? null : expression();
    if (at(":")) {
      stream.next();
      Expr stop = at(":", "]") ? null : expression();
      Expr step = stream.skipOperator(":") && !at("]") ? expression() : null;
      stream.expectOperator("]");
      return new Expr.Slice(target, first, stop, step, line);
    }
    if (stream.skipOperator("]")) {
      return new Expr.Item(target, first, line);
    }
    List<Expr> items = new ArrayList<>(List.of(first));
    while (!stream.skipOperator("]")) {
      stream.expectOperator(",");
      items.add(expression());
    }
    return new Expr.Item(target, new Expr.TupleOf(items, line), line);
  }

  private Expr.Arguments arguments() {
    stream.expectOperator("(");
    List<Expr> positional = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    List<Expr> values = new ArrayList<>();
    Expr more = null;
    Expr moreNamed = null;
    while (!at(")")) {
      if (at("*") && more == null && moreNamed == null) {
        stream.next();
        more = expression();
      } else if (at("**") && moreNamed == null) {
        stream.next();
        moreNamed = expression();
      } else if (stream.current().is(Kind.NAME) && stream.look().isOperator("=")) {
        String name = stream.next().text();
        if (moreNamed != null || names.contains(name)) {
          throw stream.error("the argument " + name + " is given twice or too late");
        }
        stream.next();
        names.add(name);
        values.add(expression());
      } else {
        if (more != null || moreNamed != null || !names.isEmpty()) {
          throw stream.error("a positional argument follows a named one");
        }
        positional.add(expression());
      }
      if (!at(")")) {
        stream.expectOperator(",");
      }
    }
    stream.next();
    return new Expr.Arguments(positional, List.copyOf(names), values, more, moreNamed);
  }

  private Expr filtersAndTests(Expr start) {
    Expr expr = start;
    while (true) {
      if (at("|")) {
        expr = filters(expr);
      } else if (stream.current().isName("is")) {
        expr = test(expr);
      } else if (at("(")) {
        int line = stream.line();
        expr = new Expr.Call(expr, arguments(), line);
      } else {
        return expr;
      }
    }
  }

  /** Null if there are none. */
  Expr.Filter optionalFilters() {
    return at("|") ? (Expr.Filter) filters(null) : null;
  }

  /** The first without its bar. */
  Expr.Filter blockFilters() {
    Expr.Filter first = filter(null);
    return at("|") ? (Expr.Filter) filters(first) : first;
  }

  private Expr filters(Expr start) {
    Expr expr = start;
    while (stream.skipOperator("|")) {
      expr = filter(expr);
    }
    return expr;
  }

  private Expr.Filter filter(Expr target) {
    int line = stream.line();
    String name = dottedName();
    Expr.Arguments arguments = at("(") ? arguments() : Expr.Arguments.NONE;
    Expr.Filter filter = new Expr.Filter(target, name, arguments, line);
    if (!Filters.isKnown(name)) {
      unknown.add(filter);
    }
    return filter;
  }

  private String dottedName() {
    String first = stream.expect(Kind.NAME, "a name").text();
    if (!stream.current().isOperator(".")) {
      return first;
    }
    StringBuilder name = new StringBuilder(first);
    while (stream.skipOperator(".")) {
      name.append('.').append(stream.expect(Kind.NAME, "a name").text());
    }
    return name.toString();
  }

  private Expr test(Expr target) {
    int line = stream.next().line();
    boolean negated = stream.skipName("not");
    String name = dottedName();
    Expr.Arguments arguments = Expr.Arguments.NONE;
    if (at("(")) {
      arguments = arguments();
    } else if (beginsTestArgument()) {
      if (stream.current().isName("is")) {
        throw stream.error("tests cannot be chained with is");
      }
      Expr argument = postfix(primary());
      arguments = new Expr.Arguments(List.of(argument), List.of(), List.of(), null, null);
    }
    Expr.Test test = new Expr.Test(target, name, arguments, line);
    if (!Tests.isKnown(name)) {
      unknown.add(test);
    }
    return negated ? new Expr.Not(test, line) : test;
  }

  private boolean beginsTestArgument() {
    Token token = stream.current();
    return switch (token.kind()) {
      case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
      case STRING, NUMBER -> true;
      case OPERATOR -> at("[", "{");
      default -> false;
    };
  }
}
