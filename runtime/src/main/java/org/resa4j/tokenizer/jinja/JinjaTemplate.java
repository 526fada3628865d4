package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.IndexOutOfRangeException;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorItem;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.resa4j.error.InputException;

/**
 * A Jinja template with Python's meaning, as Hugging Face renders chat templates: blocks trimmed
 * and left-stripped, no escaping, loop controls.
 *
 * <p>Jinjava does the work; the other classes here put right, through its extension points, where
 * it departs from Jinja2. Values that are no templates are never read as such.
 */
public final class JinjaTemplate {
  private static final LegacyOverrides LIKE_PYTHON =
      LegacyOverrides.newBuilder()
          .withEvaluateMapKeys(true)
          .withIterateOverMapKeys(true)
          .withUseNaturalOperatorPrecedence(true)
          .withParseWhitespaceControlStrictly(true)
          .withHandleBackslashInQuotesOnly(true)
          .build();

  /** What Jinja2 has not, or what reads files: a template comes with a model, from anywhere. */
  private static final Map<Library, Set<String>> DISABLED =
      Map.of(
          Library.TAG,
          Set.of("include", "import", "from", "extends"),
          Library.FILTER,
          Set.of("render", "fromyaml", "toyaml", "ipaddr", "ipv4", "ipv6", "root", "log"));

  private final PythonJinjava jinjava;
  private final String source;

  /**
   * Reads a template.
   *
   * @throws InputException if its syntax is broken
   */
  public JinjaTemplate(String template) {
    source = TemplateLexer.normalize(template);
    jinjava = new PythonJinjava(config());
    jinjava.getGlobalContext().registerTag(new LoopTag());
    jinjava.getGlobalContext().registerFilter(new TrimFilter());
    jinjava.getGlobalContext().registerFilter(new ToJsonFilter());
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", JinjaTemplate.class, "raise", String.class));
    SyntaxCheck.run(jinjava, source);
  }

  private static JinjavaConfig config() {
    return JinjavaConfig.newBuilder()
        .withNestedInterpretationEnabled(false)
        .withLegacyOverrides(LIKE_PYTHON)
        .withDisabled(DISABLED)
        // The lexer has dealt with the last newline.
        .withKeepTrailingNewline(true)
        .withElResolver(PythonMethods.resolver())
        .build();
  }

  /**
   * Renders.
   *
   * @param variables strings, numbers, booleans, lists and maps of them
   * @throws InputException if the template raises an error, with its message, or cannot be
   *     evaluated
   */
  // Jinjava resets a shared context after a rendering.
  public synchronized String render(Map<String, ?> variables) {
    RenderResult result = jinjava.renderForResult(source, variables);
    check(result.getErrors());
    return result.getOutput();
  }

  static void check(List<TemplateError> errors) {
    for (TemplateError error : errors) {
      if (isUndefined(error)) {
        continue;
      }
      for (Throwable e = error.getException(); e != null; e = e.getCause()) {
        if (e instanceof InputException raised) {
          throw new InputException(raised.getMessage(), error.getException());
        }
      }
      throw new InputException(
          "the chat template fails: " + error.getMessage(), error.getException());
    }
  }

  /** Whether Jinja2 would have gone on with an undefined value. */
  private static boolean isUndefined(TemplateError error) {
    if (error.getException() == null) {
      return error.getItem() == ErrorItem.PROPERTY;
    }
    return error.getException().getCause() instanceof IndexOutOfRangeException;
  }

  /** What templates call {@code raise_exception}. */
  static String raise(String message) {
    throw new InputException(message);
  }
}
