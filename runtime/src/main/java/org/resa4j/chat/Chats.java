package org.resa4j.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.resa4j.Resa;
import org.resa4j.answer.Answer;
import org.resa4j.answer.ToolForm;
import org.resa4j.error.InputException;
import org.resa4j.error.UnsupportedException;
import org.resa4j.error.UnsupportedException.Feature;
import org.resa4j.generate.TokenFilter;
import org.resa4j.grammar.Grammars;
import org.resa4j.grammar.InTurn;
import org.resa4j.grammar.JsonText;
import org.resa4j.grammar.Literal;
import org.resa4j.grammar.OneOf;
import org.resa4j.grammar.TextState;
import org.resa4j.grammar.TokenTexts;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Message;

/**
 * What a model makes of chats: prompts by its template, calls in its form, answers in a grammar.
 *
 * <p>Thread-safe.
 */
public final class Chats {
  private static final String TOOLS = "tools";
  private static final String JSON = "an answer held to JSON";

  private final Resa resa;
  private final Supplier<Optional<ToolForm>> form;
  private final Supplier<Grammars> grammars;

  public Chats(Resa resa) {
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
  public Optional<ToolForm> toolForm() {
    return form.get();
  }

  /**
   * Writes out a conversation, with the beginning of an answer.
   *
   * @param templateVariables what the chat template is given beside messages and tools
   * @throws UnsupportedException if the model has no template, or its template no tools
   * @throws InputException if the template refuses the conversation, or makes no text of it
   * @throws IllegalArgumentException for a template variable that is the conversation's
   */
  public ChatPrompt prompt(
      List<Message> messages, Map<String, Object> templateVariables, Tools tools) {
    ChatTemplate template =
        resa.chatTemplate()
            .orElseThrow(
                () -> new UnsupportedException(Feature.CHAT, "the model has no chat template"));
    if (!tools.isEmpty() && form.get().isEmpty()) {
      throw new UnsupportedException(
          Feature.TOOLS, "the model's chat template has no tools, or calls in a form unknown here");
    }
    if (templateVariables.containsKey(TOOLS)) {
      throw new IllegalArgumentException(
          "tools are the conversation's and cannot be set as a template variable");
    }
    Map<String, Object> variables = new HashMap<>(templateVariables);
    if (!tools.isEmpty()) {
      variables.put(TOOLS, tools.definitions());
    }
    String text = template.render(messages, true, variables);
    int[] tokens = resa.tokenizer().encode(text, false);
    if (tokens.length == 0) {
      throw new InputException("the conversation has no text");
    }
    return new ChatPrompt(
        tokens, Answer.thinks(text), tools, tools.isEmpty() ? Optional.empty() : form.get());
  }

  /** How many tokens an answer may have at the most: what the prompt leaves of the context. */
  public int room(ChatPrompt prompt) {
    // The last token is never read.
    return Math.max(1, resa.info().engine().options().contextLength() + 1 - prompt.length());
  }

  /**
   * What holds an answer to its format, or to the call that it must be; empty where it is free.
   *
   * @throws IllegalArgumentException if it is to be JSON, and there are tools
   * @throws UnsupportedException if the model's vocabulary cannot write it, or it has no token that
   *     ends a text
   */
  public Optional<TokenFilter> filter(ChatPrompt prompt, AnswerFormat format) {
    Tools tools = prompt.tools();
    if (!format.equals(AnswerFormat.FREE) && !tools.isEmpty()) {
      throw new IllegalArgumentException("a call is no answer in JSON");
    }
    List<TextState> turn = new ArrayList<>();
    if (prompt.thinks()) {
      turn.add(new Literal(Answer.endOfThinking()));
    }
    switch (format) {
      case AnswerFormat.Free free -> {
        // A call may have to be made all the same.
      }
      case AnswerFormat.JsonObject object -> {
        turn.add(new JsonText());
        return Optional.of(filter(Feature.JSON, JSON, turn));
      }
      case AnswerFormat.Described described -> {
        turn.add(described.schema().text());
        TokenFilter filter = filter(Feature.JSON, JSON, turn);
        checkCharacters(described.schema().characters());
        return Optional.of(filter);
      }
    }
    if (tools.choice() == Tools.Choice.REQUIRED) {
      ToolForm how = prompt.form().orElseThrow();
      turn.add(
          new OneOf(
              tools.names().stream()
                  .filter(name -> tools.named().map(name::equals).orElse(true))
                  .<TextState>map(name -> new Literal(how.begin(name)))
                  .toList()));
      turn.add(new JsonText());
      turn.add(new Literal(how.end()));
      return Optional.of(filter(Feature.REQUIRED_CALL, "a call that must be made", turn));
    }
    return Optional.empty();
  }

  /** Refuses what a text might come to and then not go on, for want of a token. */
  private void checkCharacters(String needed) {
    String missing = grammars.get().missing(needed);
    if (!missing.isEmpty()) {
      throw new UnsupportedException(
          Feature.JSON,
          "%s needs a token for each of the characters %s, and the model's vocabulary has none"
              .formatted(JSON, missing));
    }
  }

  private TokenFilter filter(Feature feature, String what, List<TextState> turn) {
    if (resa.info().model().endOfText().isEmpty()) {
      throw new UnsupportedException(
          feature, what + " needs a token that ends a text, and the model has none");
    }
    TokenFilter filter = grammars.get().filter(InTurn.of(turn));
    if (filter.allowed().isEmpty()) {
      throw new UnsupportedException(
          feature, what + " needs a token to begin with, and the model's vocabulary has none");
    }
    return filter;
  }
}
