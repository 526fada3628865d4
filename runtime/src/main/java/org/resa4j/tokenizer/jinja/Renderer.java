package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.resa4j.tokenizer.jinja.Stmt.Target;

/** Runs statements, once. */
final class Renderer {
  /** How a statement ended. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Builtins builtins;
  private final Budget budget;
  private final Evaluator evaluator;
  private TextBuilder out;

  Renderer(Builtins builtins) {
    this.builtins = builtins;
    this.budget = builtins.budget;
    this.evaluator = new Evaluator(builtins, this);
    this.out = new TextBuilder(budget);
  }

  String render(List<Stmt> template, Scope scope) {
    run(template, scope);
    return out.toString();
  }

  /** Where it is, or failed. */
  int line() {
    return evaluator.line();
  }

  private Flow run(List<Stmt> body, Scope scope) {
    budget.enter();
    Flow flow = Flow.NEXT;
    for (int i = 0; i < body.size() && flow == Flow.NEXT; i++) {
      budget.step();
      flow = run(body.get(i), scope);
    }
    budget.leave();
    return flow;
  }

  private Flow run(Stmt stmt, Scope scope) {
    return switch (stmt) {
      case Stmt.Text text -> {
        out.append(text.text());
        yield Flow.NEXT;
      }
      case Stmt.Print print -> {
        out.append(builtins.printer.text(evaluator.value(print.value(), scope)));
        yield Flow.NEXT;
      }
      case Stmt.If condition -> condition(condition, scope);
      case Stmt.For loop -> {
        Object items = evaluator.value(loop.items(), scope);
        evaluator.at(loop.line());
        yield loop.recursive() ? recursive(loop, items, scope) : loop(loop, items, scope, 0);
      }
      case Stmt.Set set -> {
        Object value = evaluator.value(set.value(), scope);
        evaluator.at(set.line());
        assign(set.target(), value, scope);
        yield Flow.NEXT;
      }
      case Stmt.SetBlock set -> setBlock(set, scope);
      case Stmt.With with -> {
        Scope inner = new Scope(scope);
        for (int i = 0; i < with.targets().size(); i++) {
          Object value = evaluator.value(with.values().get(i), scope);
          evaluator.at(with.line());
          assign(with.targets().get(i), value, inner);
        }
        yield run(with.body(), inner);
      }
      case Stmt.Macro macro -> {
        scope.set(macro.definition().name(), new Macro(macro.definition(), scope));
        yield Flow.NEXT;
      }
      case Stmt.CallBlock block -> {
        Macro caller = new Macro(block.caller(), scope);
        print(evaluator.call(block.call(), scope, caller));
        yield Flow.NEXT;
      }
      case Stmt.FilterBlock block -> filterBlock(block, scope);
      case Stmt.Generation generation -> run(generation.body(), new Scope(scope));
      case Stmt.Break ignored -> Flow.BREAK;
      case Stmt.Continue ignored -> Flow.CONTINUE;
    };
  }

  private Flow condition(Stmt.If condition, Scope scope) {
    for (Stmt.Branch branch : condition.branches()) {
      if (evaluator.isTrue(branch.test(), scope)) {
        return run(branch.body(), scope);
      }
    }
    return run(condition.otherwise(), scope);
  }

  /** What a body prints; null if it left the loop around it. */
  private Flow capture(List<Stmt> body, Scope scope, TextBuilder text) {
    TextBuilder outside = out;
    out = text;
    Flow flow = run(body, scope);
    out = outside;
    return flow;
  }

  private Flow setBlock(Stmt.SetBlock set, Scope scope) {
    Scope inner = new Scope(scope);
    TextBuilder text = new TextBuilder(budget);
    Flow flow = capture(set.body(), inner, text);
    if (flow == Flow.NEXT) {
      Object value = text.toString();
      if (set.filter() != null) {
        value = evaluator.filterBlock(set.filter(), value, inner);
      }
      evaluator.at(set.line());
      assign(set.target(), value, scope);
    }
    return flow;
  }

  private Flow filterBlock(Stmt.FilterBlock block, Scope scope) {
    Scope inner = new Scope(scope);
    TextBuilder text = new TextBuilder(budget);
    Flow flow = capture(block.body(), inner, text);
    if (flow == Flow.NEXT) {
      print(evaluator.filterBlock(block.filter(), text.toString(), inner));
    }
    return flow;
  }

  /** Unlike an expression between braces, a block must give a string. */
  private void print(Object value) {
    String text = Types.text(value);
    if (text == null) {
      throw new Fault("a block gives a string, not '" + Types.name(value) + "'");
    }
    out.append(text);
  }

  private Flow recursive(Stmt.For loop, Object items, Scope scope) {
    TextBuilder text = new TextBuilder(budget);
    TextBuilder outside = out;
    out = text;
    loop(loop, items, scope, 0);
    out = outside;
    out.append(text.toString());
    return Flow.NEXT;
  }

  /** A recursive loop's call of itself, for other items. */
  Object recurse(Loop loop, Object items) {
    if (!loop.statement().recursive()) {
      throw new Fault("a loop that calls itself needs the 'recursive' marker");
    }
    TextBuilder text = new TextBuilder(budget);
    TextBuilder outside = out;
    out = text;
    budget.enter();
    loop(loop.statement(), items, loop.scope(), loop.depth0() + 1);
    budget.leave();
    out = outside;
    return text.toString();
  }

  private Flow loop(Stmt.For statement, Object items, Scope scope, int depth0) {
    Iterator<Object> all = Sequences.iterator(items, budget);
    Iterator<Object> some = statement.test() == null ? all : tested(statement, all, scope);
    Object sized = statement.test() == null ? items : null;
    Loop loop = new Loop(statement, scope, sized, some, depth0, builtins.operators, budget);
    // As in Jinja2, an item whose turn did not come to its end counts as none.
    boolean done = false;
    for (Object item = loop.next(); item != Args.ABSENT; item = loop.next()) {
      budget.step();
      Scope inner = new Scope(scope);
      evaluator.at(statement.line());
      assign(statement.target(), item, inner);
      inner.set("loop", loop);
      Flow flow = run(statement.body(), inner);
      if (flow == Flow.BREAK) {
        break;
      }
      done |= flow == Flow.NEXT;
    }
    return done ? Flow.NEXT : run(statement.otherwise(), new Scope(scope));
  }

  private Iterator<Object> tested(Stmt.For statement, Iterator<Object> items, Scope scope) {
    return new Lazy(budget) {
      @Override
      Object advance() {
        while (items.hasNext()) {
          budget.step();
          Object item = items.next();
          Scope inner = new Scope(scope);
          assign(statement.target(), item, inner);
          if (evaluator.isTrue(statement.test(), inner)) {
            return statement.target() instanceof Target.Several
                ? new Tuple(Sequences.copy(item, budget))
                : item;
          }
        }
        return Args.ABSENT;
      }
    };
  }

  private void assign(Target target, Object value, Scope scope) {
    switch (target) {
      case Target.Name name -> scope.set(name.name(), value);
      case Target.Attribute attribute -> {
        if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
          throw new Fault(
              "cannot assign attribute on non-namespace object '" + attribute.namespace() + "'");
        }
        namespace.attributes.put(attribute.name(), value, budget);
      }
      case Target.Several several -> {
        List<Object> values = Sequences.copy(value, budget);
        if (values.size() != several.targets().size()) {
          throw new Fault(
              "expected " + several.targets().size() + " values to unpack, got " + values.size());
        }
        for (int i = 0; i < values.size(); i++) {
          assign(several.targets().get(i), values.get(i), scope);
        }
      }
    }
  }

  /** What a macro prints. */
  Object macro(Macro macro, Args args) {
    Stmt.Definition definition = macro.definition();
    List<String> parameters = definition.parameters();
    List<Object> positional = args.positional();
    Map<String, Object> named = new LinkedHashMap<>(args.named());
    Scope scope = new Scope(macro.scope());
    int firstDefault = parameters.size() - definition.defaults().size();
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      if (i < positional.size()) {
        scope.set(name, positional.get(i));
      } else if (named.containsKey(name)) {
        scope.set(name, named.remove(name));
      } else {
        scope.set(name, new Undefined("parameter '" + name + "' was not provided"));
        missing.add(i);
      }
    }
    if (definition.caller()) {
      Object caller = named.remove("caller");
      scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
    }
    leftOver(definition, positional, named, scope);
    for (int i : missing) {
      if (i >= firstDefault) {
        Expr value = definition.defaults().get(i - firstDefault);
        scope.set(parameters.get(i), evaluator.value(value, scope));
      }
    }
    TextBuilder text = new TextBuilder(budget);
    int line = evaluator.line();
    budget.enter();
    capture(definition.body(), scope, text);
    budget.leave();
    evaluator.at(line);
    return text.toString();
  }

  private void leftOver(
      Stmt.Definition definition, List<Object> positional, Map<String, Object> named, Scope scope) {
    int parameters = definition.parameters().size();
    String name = definition.name() == null ? "caller" : definition.name();
    if (definition.kwargs()) {
      Dict kwargs = new Dict();
      named.forEach((key, value) -> kwargs.put(key, value, budget));
      scope.set("kwargs", kwargs);
    } else if (!named.isEmpty()) {
      throw new Fault(
          "macro '" + name + "' has no argument '" + named.keySet().iterator().next() + "'");
    }
    if (definition.varargs()) {
      int from = Math.min(parameters, positional.size());
      scope.set("varargs", new Tuple(positional.subList(from, positional.size())));
    } else if (positional.size() > parameters) {
      throw new Fault("macro '" + name + "' takes not more than " + parameters + " argument(s)");
    }
  }
}
