package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions. */
final class Evaluator {
  private final Builtins builtins;
  private final Budget budget;
  private final Operators operators;
  private final Renderer renderer;

  /** Where it is; what fails is there. */
  private int line = 1;

  Evaluator(Builtins builtins, Renderer renderer) {
    this.builtins = builtins;
    this.budget = builtins.budget;
    this.operators = builtins.operators;
    this.renderer = renderer;
  }

  int line() {
    return line;
  }

  void at(int next) {
    line = next;
  }

  Object value(Expr expr, Scope scope) {
    budget.enter();
    Object value =
        switch (expr) {
          case Expr.Constant constant -> constant.value();
          case Expr.Name name -> name(name, scope);
          case Expr.Attribute attribute -> attribute(attribute, scope);
          case Expr.Item item -> item(item, scope);
          case Expr.Slice slice -> slice(slice, scope);
          case Expr.Call call -> call(call, scope, null);
          case Expr.Filter filter -> filter(filter, value(filter.target(), scope), scope);
          case Expr.Test test -> test(test, scope);
          case Expr.Compare compare -> compare(compare, scope);
          case Expr.Arithmetic arithmetic -> arithmetic(arithmetic, scope);
          case Expr.Concat concat -> concat(concat, scope);
          case Expr.Signed signed -> signed(signed, scope);
          case Expr.Not not -> !isTrue(not.operand(), scope);
          case Expr.And and -> and(and, scope);
          case Expr.Or or -> or(or, scope);
          case Expr.Conditional conditional -> conditional(conditional, scope);
          case Expr.ListOf list -> values(list.items(), scope);
          case Expr.TupleOf tuple -> new Tuple(values(tuple.items(), scope));
          case Expr.DictOf dict -> dict(dict, scope);
        };
    budget.leave();
    return value;
  }

  boolean isTrue(Expr expr, Scope scope) {
    return Operators.truth(value(expr, scope));
  }

  private Object name(Expr.Name name, Scope scope) {
    line = name.line();
    Object value = scope.get(name.name());
    if (value != Scope.ABSENT) {
      return value;
    }
    if (name.name().equals("self")) {
      throw new Fault("the variable 'self' is not supported");
    }
    return Functions.has(name.name()) ? new Function(name.name()) : Undefined.name(name.name());
  }

  private Object attribute(Expr.Attribute attribute, Scope scope) {
    Object target = value(attribute.target(), scope);
    line = attribute.line();
    return builtins.attributes.attribute(target, attribute.name());
  }

  private Object item(Expr.Item item, Scope scope) {
    Object target = value(item.target(), scope);
    Object index = value(item.index(), scope);
    line = item.line();
    return builtins.attributes.item(target, index);
  }

  private Object slice(Expr.Slice slice, Scope scope) {
    Object target = value(slice.target(), scope);
    Long start = bound(slice.start(), scope);
    Long stop = bound(slice.stop(), scope);
    Long step = bound(slice.step(), scope);
    line = slice.line();
    return Sequences.slice(target, start, stop, step, budget);
  }

  private Long bound(Expr expr, Scope scope) {
    Object value = expr == null ? null : value(expr, scope);
    return value == null ? null : (Long) Types.integer(value);
  }

  /**
   * Calls a function.
   *
   * @param caller the body of a call block; null if there is none
   */
  Object call(Expr.Call call, Scope scope, Macro caller) {
    Object callee = value(call.callee(), scope);
    Args args = arguments(call.arguments(), scope);
    if (caller != null) {
      Map<String, Object> named = new LinkedHashMap<>(args.named());
      named.put("caller", caller);
      args = new Args(args.positional(), named);
    }
    line = call.line();
    budget.call();
    return switch (callee) {
      case Function function -> builtins.functions.call(function.name(), args);
      case Method method -> builtins.methods.call(method, args);
      case Macro macro -> renderer.macro(macro, args);
      case Joiner joiner -> {
        args.bindPositional("joiner", 0, 0);
        yield joiner.next();
      }
      case Loop loop -> renderer.recurse(loop, args.bind("loop", 1, "iterable")[0]);
      case Undefined undefined -> throw undefined.fault();
      case null, default -> throw new Fault("'" + Types.name(callee) + "' object is not callable");
    };
  }

  private Args arguments(Expr.Arguments given, Scope scope) {
    if (given == Expr.Arguments.NONE) {
      return Args.NONE;
    }
    List<Object> positional = values(given.positional(), scope);
    Map<String, Object> named = given.names().isEmpty() ? Map.of() : new LinkedHashMap<>();
    for (int i = 0; i < given.names().size(); i++) {
      named.put(given.names().get(i), value(given.values().get(i), scope));
    }
    if (given.more() != null) {
      positional.addAll(Sequences.copy(value(given.more(), scope), budget));
    }
    if (given.moreNamed() != null) {
      if (!(value(given.moreNamed(), scope) instanceof Dict dict)) {
        throw new Fault("what follows ** must be a dict");
      }
      named = new LinkedHashMap<>(named);
      for (Map.Entry<String, Object> entry : Functions.names(dict).entrySet()) {
        if (named.containsKey(entry.getKey())) {
          throw new Fault("the argument '" + entry.getKey() + "' is given twice");
        }
        named.put(entry.getKey(), entry.getValue());
      }
    }
    return new Args(positional, named);
  }

  Object filter(Expr.Filter filter, Object target, Scope scope) {
    Args args = arguments(filter.arguments(), scope);
    line = filter.line();
    budget.call();
    return builtins.filters.apply(filter.name(), target, args);
  }

  /** A chain of filters whose first has no target of its own. */
  Object filterBlock(Expr.Filter filter, Object text, Scope scope) {
    budget.enter();
    Object target =
        filter.target() instanceof Expr.Filter before ? filterBlock(before, text, scope) : text;
    Object value = filter(filter, target, scope);
    budget.leave();
    return value;
  }

  private boolean test(Expr.Test test, Scope scope) {
    Object target = value(test.target(), scope);
    Args args = arguments(test.arguments(), scope);
    line = test.line();
    return builtins.tests.test(test.name(), target, args);
  }

  private boolean compare(Expr.Compare compare, Scope scope) {
    Object left = value(compare.operands().getFirst(), scope);
    for (int i = 0; i < compare.operators().size(); i++) {
      Object right = value(compare.operands().get(i + 1), scope);
      line = compare.line();
      if (!operators.compare(compare.operators().get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Object arithmetic(Expr.Arithmetic arithmetic, Scope scope) {
    Object result = value(arithmetic.operands().getFirst(), scope);
    for (int i = 0; i < arithmetic.operators().size(); i++) {
      Object operand = value(arithmetic.operands().get(i + 1), scope);
      line = arithmetic.line();
      result = operators.arithmetic(arithmetic.operators().get(i), result, operand);
    }
    return result;
  }

  private Object concat(Expr.Concat concat, Scope scope) {
    TextBuilder out = new TextBuilder(budget);
    for (Expr operand : concat.operands()) {
      out.append(builtins.printer.text(value(operand, scope)));
    }
    return out.toString();
  }

  private Object signed(Expr.Signed signed, Scope scope) {
    Object operand = value(signed.operand(), scope);
    line = signed.line();
    return operators.signed(signed.negative(), operand);
  }

  private Object and(Expr.And and, Scope scope) {
    Object value = null;
    for (Expr operand : and.operands()) {
      value = value(operand, scope);
      if (!Operators.truth(value)) {
        return value;
      }
    }
    return value;
  }

  private Object or(Expr.Or or, Scope scope) {
    Object value = null;
    for (Expr operand : or.operands()) {
      value = value(operand, scope);
      if (Operators.truth(value)) {
        return value;
      }
    }
    return value;
  }

  private Object conditional(Expr.Conditional conditional, Scope scope) {
    if (isTrue(conditional.test(), scope)) {
      return value(conditional.then(), scope);
    }
    return conditional.otherwise() == null
        ? new Undefined("an inline if was false and has no else")
        : value(conditional.otherwise(), scope);
  }

  private List<Object> values(List<Expr> exprs, Scope scope) {
    budget.items(exprs.size());
    List<Object> values = new ArrayList<>(exprs.size());
    for (Expr expr : exprs) {
      values.add(value(expr, scope));
    }
    return values;
  }

  private Dict dict(Expr.DictOf dict, Scope scope) {
    Dict values = new Dict();
    for (int i = 0; i < dict.keys().size(); i++) {
      Object key = value(dict.keys().get(i), scope);
      values.put(key, value(dict.values().get(i), scope), budget);
    }
    return values;
  }
}
