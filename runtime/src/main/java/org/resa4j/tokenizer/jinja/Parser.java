package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.jinja.Stmt.Target;
import org.resa4j.tokenizer.jinja.Token.Kind;

/** Jinja2's grammar of statements, with loop controls and {@code generation}. */
final class Parser {
  private static final Set<String> REFUSED =
      Set.of("include", "import", "from", "extends", "block", "autoescape");

  private final TokenStream stream;
  private final ExpressionParser expressions;

  /** Loops around, within the same macro or call block. */
  private int loops;

  private Parser(TokenStream stream) {
    this.stream = stream;
    this.expressions = new ExpressionParser(stream);
  }

  static List<Stmt> parse(List<Token> tokens, int nestingLimit) {
    Parser parser = new Parser(new TokenStream(tokens, nestingLimit));
    List<Stmt> body = parser.statements(0);
    parser.expressions.refuseUnknown(0);
    return body;
  }

  /**
   * Statements up to one of the tags that end them, which becomes the current token.
   *
   * @param line of the tag that they follow
   */
  private List<Stmt> statements(int line, String... ends) {
    stream.enter();
    List<Stmt> body = new ArrayList<>();
    while (true) {
      Token token = stream.next();
      switch (token.kind()) {
        case DATA -> body.add(new Stmt.Text(token.text()));
        case VARIABLE_BEGIN -> {
          body.add(new Stmt.Print(expressions.tuple()));
          stream.expect(Kind.VARIABLE_END, "end of print statement");
        }
        case BLOCK_BEGIN -> {
          for (String end : ends) {
            if (stream.current().isName(end)) {
              stream.leave();
              return body;
            }
          }
          statement(body, ends);
          stream.expect(Kind.BLOCK_END, "end of statement block");
        }
        default -> {
          if (ends.length > 0) {
            throw stream.error(
                "unexpected end of template; the tag of line "
                    + line
                    + " needs "
                    + String.join(" or ", ends));
          }
          stream.leave();
          return body;
        }
      }
    }
  }

  /** The body of a block, from behind its tag; with the last of the ends as the current token. */
  private List<Stmt> body(int line, String... ends) {
    stream.skipOperator(":");
    stream.expect(Kind.BLOCK_END, "end of statement block");
    return statements(line, ends);
  }

  /** The same up to one end, which is read. */
  private List<Stmt> wholeBody(int line, String end) {
    List<Stmt> body = body(line, end);
    stream.next();
    return body;
  }

  /** The same in a scope of its own: what is unknown there fails now. */
  private List<Stmt> scopedBody(int line, String end) {
    int mark = expressions.unknownMark();
    List<Stmt> body = wholeBody(line, end);
    expressions.refuseUnknown(mark);
    return body;
  }

  private void statement(List<Stmt> body, String... ends) {
    Token tag = stream.expect(Kind.NAME, "the name of a tag");
    int line = tag.line();
    switch (tag.text()) {
      case "for" -> body.add(loop(line));
      case "if" -> body.add(condition(line));
      case "set" -> body.add(set(line));
      case "with" -> body.add(with(line));
      case "macro" -> body.add(macro(line));
      case "call" -> body.add(callBlock(line));
      case "filter" -> {
        Expr.Filter filter = expressions.blockFilters();
        body.add(new Stmt.FilterBlock(filter, scopedBody(line, "endfilter")));
      }
      case "generation" -> body.add(new Stmt.Generation(macroBody(line, "endgeneration")));
      case "break", "continue" -> {
        if (loops == 0) {
          throw Lexer.error(line, "'" + tag.text() + "' outside of a loop");
        }
        body.add(tag.isName("break") ? new Stmt.Break() : new Stmt.Continue());
      }
      case "print" -> print(body);
      default -> throw unknownTag(tag, ends);
    }
  }

  private static InputException unknownTag(Token tag, String... ends) {
    if (REFUSED.contains(tag.text())) {
      return Lexer.error(tag.line(), "the tag '" + tag.text() + "' is not supported");
    }
    String looking = ends.length == 0 ? "" : "; looking for " + String.join(" or ", ends);
    return Lexer.error(tag.line(), "unknown tag '" + tag.text() + "'" + looking);
  }

  private void print(List<Stmt> body) {
    boolean first = true;
    while (!stream.current().is(Kind.BLOCK_END)) {
      if (!first) {
        stream.expectOperator(",");
      }
      body.add(new Stmt.Print(expressions.expression()));
      first = false;
    }
  }

  private Stmt loop(int line) {
    Target target = targets("in", false);
    if (assigns(target, "loop")) {
      throw Lexer.error(line, "the loop variable cannot be assigned to");
    }
    stream.expectName("in");
    Expr items = expressions.tupleWithoutCondition("recursive");
    int mark = expressions.unknownMark();
    Expr test = stream.skipName("if") ? expressions.expression() : null;
    boolean recursive = stream.skipName("recursive");
    // The body of a recursive loop is a function of its own.
    int outside = loops;
    loops++;
    List<Stmt> body = body(line, "endfor", "else");
    loops = recursive ? 0 : outside;
    List<Stmt> otherwise = List.of();
    if (stream.next().isName("else")) {
      otherwise = wholeBody(line, "endfor");
    }
    loops = outside;
    expressions.refuseUnknown(mark);
    return new Stmt.For(target, items, test, recursive, body, otherwise, line);
  }

  private static boolean assigns(Target target, String name) {
    return switch (target) {
      case Target.Name n -> n.name().equals(name);
      case Target.Several several -> several.targets().stream().anyMatch(t -> assigns(t, name));
      case Target.Attribute ignored -> false;
    };
  }

  private Stmt condition(int line) {
    int mark = expressions.unknownMark();
    List<Stmt.Branch> branches = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    while (true) {
      Expr test = expressions.tupleWithoutCondition(null);
      branches.add(new Stmt.Branch(test, body(line, "elif", "else", "endif")));
      Token end = stream.next();
      if (end.isName("elif")) {
        continue;
      }
      if (end.isName("else")) {
        otherwise = wholeBody(line, "endif");
      }
      expressions.allowUnknown(mark);
      return new Stmt.If(branches, otherwise);
    }
  }

  private Stmt set(int line) {
    Target target = targets(null, true);
    if (loops > 0 && assigns(target, "loop")) {
      throw Lexer.error(line, "the loop variable cannot be assigned to");
    }
    if (stream.skipOperator("=")) {
      return new Stmt.Set(target, expressions.tuple(), line);
    }
    Expr.Filter filter = expressions.optionalFilters();
    return new Stmt.SetBlock(target, filter, scopedBody(line, "endset"), line);
  }

  private Stmt with(int line) {
    List<Target> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!stream.current().is(Kind.BLOCK_END)) {
      if (!targets.isEmpty()) {
        stream.expectOperator(",");
      }
      targets.add(targets(null, false));
      stream.expectOperator("=");
      values.add(expressions.expression());
    }
    return new Stmt.With(targets, values, scopedBody(line, "endwith"), line);
  }

  private List<Stmt> macroBody(int line, String end) {
    int outside = loops;
    loops = 0;
    List<Stmt> body = scopedBody(line, end);
    loops = outside;
    return body;
  }

  private Stmt macro(int line) {
    String name = targetName();
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    signature(parameters, defaults);
    return new Stmt.Macro(definition(name, parameters, defaults, line, "endmacro"));
  }

  private Stmt callBlock(int line) {
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    if (stream.current().isOperator("(")) {
      signature(parameters, defaults);
    }
    if (!(expressions.expression() instanceof Expr.Call call)) {
      throw Lexer.error(line, "expected a call");
    }
    return new Stmt.CallBlock(call, definition(null, parameters, defaults, line, "endcall"));
  }

  private Stmt.Definition definition(
      String name, List<String> parameters, List<Expr> defaults, int line, String end) {
    if (new HashSet<>(parameters).size() < parameters.size()) {
      throw Lexer.error(line, "two parameters have the same name");
    }
    Set<String> outside = stream.beginBody();
    List<Stmt> body = macroBody(line, end);
    Set<String> read = stream.endBody(outside);
    int callerIndex = parameters.indexOf("caller");
    if (read.contains("caller")
        && callerIndex >= 0
        && callerIndex < parameters.size() - defaults.size()) {
      throw Lexer.error(line, "the parameter caller must have a default");
    }
    return new Stmt.Definition(
        name,
        parameters,
        defaults,
        body,
        read.contains("caller") && callerIndex < 0,
        read.contains("varargs") && !parameters.contains("varargs"),
        read.contains("kwargs") && !parameters.contains("kwargs"));
  }

  private void signature(List<String> names, List<Expr> defaults) {
    stream.expectOperator("(");
    while (!stream.skipOperator(")")) {
      if (!names.isEmpty()) {
        stream.expectOperator(",");
      }
      names.add(targetName());
      if (stream.skipOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw stream.error("a parameter without a default follows one with");
      }
    }
  }

  private String targetName() {
    Token token = stream.expect(Kind.NAME, "a name");
    if (isConstant(token.text())) {
      throw Lexer.error(token.line(), "'" + token.text() + "' cannot be assigned to");
    }
    return token.text();
  }

  private static boolean isConstant(String name) {
    return switch (name) {
      case "true", "false", "none", "True", "False", "None" -> true;
      default -> false;
    };
  }

  /** One target, or several with commas: a tuple. */
  private Target targets(String end, boolean attributes) {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    while (!endsTargets(end)) {
      targets.add(target(attributes));
      if (!stream.skipOperator(",")) {
        break;
      }
      several = true;
    }
    if (targets.isEmpty()) {
      throw stream.expected("a name");
    }
    return several ? new Target.Several(targets) : targets.getFirst();
  }

  private boolean endsTargets(String end) {
    Token token = stream.current();
    return token.is(Kind.VARIABLE_END)
        || token.is(Kind.BLOCK_END)
        || token.isOperator(")")
        || end != null && token.isName(end);
  }

  private Target target(boolean attributes) {
    if (stream.skipOperator("(")) {
      stream.enter();
      Target target = targets(null, false);
      stream.expectOperator(")");
      stream.leave();
      return target;
    }
    String name = targetName();
    if (attributes && stream.skipOperator(".")) {
      return new Target.Attribute(name, stream.expect(Kind.NAME, "a name").text());
    }
    return new Target.Name(name);
  }
}
