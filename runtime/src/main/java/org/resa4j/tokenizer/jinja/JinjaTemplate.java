package org.resa4j.tokenizer.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.resa4j.error.InputException;

/**
 * A Jinja template with Python's meaning, as Hugging Face renders chat templates: an immutable
 * sandbox, blocks trimmed and left-stripped, no escaping, loop controls, {@code generation}, and
 * the functions {@code raise_exception} and {@code strftime_now}.
 *
 * <p>A template comes with a model, from anywhere. It sees nothing but its variables, there are
 * {@link Limits} to what it may take, and what this evaluator does not know is an error rather than
 * passed over. Integers have 64 bits; more is an error. Any number of threads may render at a time.
 */
public final class JinjaTemplate {
  private final List<Stmt> template;
  private final Clock clock;
  private final Limits limits;

  /**
   * Reads a template; dates will be local ones of the system's clock.
   *
   * @throws InputException if its syntax is broken or has something that is not supported, with the
   *     line, or if it is longer or nests deeper than any that there is a use for
   */
  public JinjaTemplate(String source) {
    this(source, null);
  }

  /**
   * The same with a clock, whose zone is the local one.
   *
   * @param clock null for the system's
   * @throws InputException as above
   */
  public JinjaTemplate(String source, Clock clock) {
    this(source, clock, Limits.DEFAULT);
  }

  JinjaTemplate(String source, Clock clock, Limits limits) {
    if (source.length() > limits.sourceChars()) {
      throw new InputException(
          "the chat template has "
              + source.length()
              + " chars, more than the limit of "
              + limits.sourceChars());
    }
    this.template = Parser.parse(Lexer.tokens(source), limits.nesting());
    this.clock = clock;
    this.limits = limits;
  }

  /**
   * Renders.
   *
   * @param variables strings, numbers, booleans, null, and lists and maps of them
   * @throws InputException if the template raises an error, with its own words; if it cannot be
   *     evaluated, with the line; or if it takes more time, steps, depth or memory than the limits
   */
  public String render(Map<String, ?> variables) {
    Budget budget = new Budget(limits);
    Renderer renderer = new Renderer(new Builtins(budget, clock));
    try {
      return renderer.render(template, new Variables(budget).scope(variables));
    } catch (Fault e) {
      throw new InputException(
          "the chat template fails in line " + renderer.line() + ": " + e.getMessage(), e);
    }
  }
}
