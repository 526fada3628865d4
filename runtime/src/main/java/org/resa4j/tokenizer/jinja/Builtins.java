package org.resa4j.tokenizer.jinja;

import java.time.Clock;

/** What one rendering evaluates with; all of it counts on one budget. */
final class Builtins {
  final Budget budget;
  final Printer printer;
  final Operators operators;
  final Attributes attributes;
  final Strings strings;
  final Functions functions;
  final Methods methods;
  final Filters filters;
  final Tests tests;

  Builtins(Budget budget, Clock clock) {
    this.budget = budget;
    printer = new Printer(budget);
    operators = new Operators(budget, printer);
    attributes = new Attributes(budget);
    strings = new Strings(budget);
    functions = new Functions(budget, printer, clock);
    methods = new Methods(this);
    filters = new Filters(this);
    tests = new Tests(this);
  }
}
