package org.resa4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.error.InputException;
import org.resa4j.generate.TokenFilter;
import org.resa4j.server.answer.Answer;
import org.resa4j.server.answer.ToolForm;
import org.resa4j.server.grammar.Grammars;
import org.resa4j.server.grammar.InTurn;
import org.resa4j.server.grammar.JsonText;
import org.resa4j.server.grammar.Literal;
import org.resa4j.server.grammar.OneOf;
import org.resa4j.server.grammar.TextState;
import org.resa4j.server.grammar.TokenTexts;
import org.resa4j.server.request.ApiException;
import org.resa4j.server.request.ChatRequest;
import org.resa4j.server.request.Tools;
import org.resa4j.tokenizer.ChatTemplate;

/**
 * What a model makes of chats: prompts by its template, calls in its form, answers in a grammar.
 */
final class ChatModel {
  private static final String MESSAGES = "messages";

  private final Resa resa;
  private final Supplier<Optional<ToolForm>> form;
  private final Supplier<Grammars> grammars;

  /**
   * A prompt.
   *
   * @param tokens at least one
   * @param thinks whether it has the model begin with reasoning
   * @param form how it calls tools; empty where it has none
   */
  record Prompted(int[] tokens, boolean thinks, Optional<ToolForm> form) {}

  ChatModel(Resa resa) {
    this.resa = resa;
    form = once(() -> resa.chatTemplate().flatMap(ToolForm::of));
    grammars =
        once(
            () ->
                new Grammars(
                    TokenTexts.of(resa.tokenizer(), resa.info().model().vocabulary()),
                    resa.info().model().endOfText()));
  }

  /** What takes its time, when it is wanted. */
  private static <T> Supplier<T> once(Supplier<T> made) {
    return new Supplier<>() {
      private T value;

      @Override
      public synchronized T get() {
        if (value == null) {
          value = made.get();
        }
        return value;
      }
    };
  }

  /** The form that the model calls tools in; empty where it knows none. */
  Optional<ToolForm> toolForm() {
    return form.get();
  }

  /**
   * Writes out a conversation.
   *
   * @throws ApiException if the model has no template, it refuses the conversation, or knows no
   *     tools
   */
  Prompted prompt(ChatRequest request) {
    ChatTemplate template =
        resa.chatTemplate()
            .orElseThrow(
                () ->
                    ApiException.unsupported(
                        MESSAGES, "the model has no chat template; /v1/completions has texts"));
    Tools tools = request.tools();
    if (!tools.isEmpty() && form.get().isEmpty()) {
      throw ApiException.unsupported(
          "tools", "the model's chat template has no tools, or calls in a form unknown here");
    }
    // What the template takes; a definition that it cannot print is the request's fault as well.
    GenerationOptions variables = resa.defaults();
    for (var each : request.templateVariables().entrySet()) {
      variables = variables.withTemplateVariable(each.getKey(), each.getValue());
    }
    if (!tools.isEmpty()) {
      variables = variables.withTemplateVariable("tools", tools.definitions());
    }
    try {
      String text = template.render(request.messages(), true, variables.templateVariables());
      int[] tokens = resa.tokenizer().encode(text, false);
      if (tokens.length == 0) {
        throw ApiException.invalid(MESSAGES, "the conversation has no text");
      }
      return new Prompted(
          tokens, Answer.thinks(text), tools.isEmpty() ? Optional.empty() : form.get());
    } catch (InputException e) {
      throw ApiException.invalid(MESSAGES, e.getMessage());
    }
  }

  /** What holds the answer to the form that the request asks for, where it asks for one. */
  Optional<TokenFilter> filter(ChatRequest request, Prompted prompt) {
    List<TextState> turn = new ArrayList<>();
    if (prompt.thinks()) {
      turn.add(new Literal(Answer.endOfThinking()));
    }
    if (request.json()) {
      turn.add(new JsonText());
      return Optional.of(filter("response_format", turn));
    }
    if (request.tools().choice() == Tools.Choice.REQUIRED) {
      ToolForm how = prompt.form().orElseThrow();
      turn.add(
          new OneOf(
              request.tools().names().stream()
                  .filter(name -> request.tools().named().map(name::equals).orElse(true))
                  .<TextState>map(name -> new Literal(how.begin(name)))
                  .toList()));
      turn.add(new JsonText());
      turn.add(new Literal(how.end()));
      return Optional.of(filter("tool_choice", turn));
    }
    return Optional.empty();
  }

  private TokenFilter filter(String field, List<TextState> turn) {
    if (resa.info().model().endOfText().isEmpty()) {
      throw ApiException.unsupported(field, field + ": the model has no token that ends a text");
    }
    TokenFilter filter = grammars.get().filter(InTurn.of(turn));
    if (filter.allowed().isEmpty()) {
      throw ApiException.unsupported(
          field, field + ": the model's vocabulary has no token to begin with");
    }
    return filter;
  }
}
