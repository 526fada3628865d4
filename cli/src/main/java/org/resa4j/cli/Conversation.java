package org.resa4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.error.InputException;
import org.resa4j.generate.FinishReason;
import org.resa4j.tokenizer.Message;

/**
 * Turns of a user and a model. What a turn failed with leaves the conversation as it was before it.
 */
final class Conversation {
  private static final String USER = "user";

  /** The part of the context that an answer is to find free, at the most. */
  private static final int ANSWER_SHARE = 4;

  private final Resa resa;
  private final GenerationOptions options;
  private final Optional<Message> systemPrompt;
  private List<Message> messages = new ArrayList<>();
  private Optional<Generation> last = Optional.empty();
  private int seedsTaken;

  Conversation(Resa resa, GenerationOptions options, Optional<String> systemPrompt) {
    this.resa = resa;
    this.options = options;
    this.systemPrompt = systemPrompt.map(Message::system);
    clear();
  }

  /**
   * An answer in the making.
   *
   * @param handle the answer
   * @param dropped turns that were dropped to make room for it
   */
  record Answer(GenerationHandle handle, int dropped) {}

  /** Begins anew; the system prompt stays. */
  void clear() {
    messages.clear();
    systemPrompt.ifPresent(messages::add);
    last = Optional.empty();
  }

  Resa resa() {
    return resa;
  }

  GenerationOptions options() {
    return options;
  }

  /** The last answer. */
  Optional<Generation> last() {
    return last;
  }

  /**
   * Begins the answer to a message; {@link #answered} or {@link #failed} ends it.
   *
   * @throws org.resa4j.error.InputException if the chat template refuses the conversation
   * @throws org.resa4j.error.LimitException if the message alone does not fit the context
   */
  Answer ask(String message) {
    return ask(message, options);
  }

  private Answer ask(String message, GenerationOptions how) {
    List<Message> kept = new ArrayList<>(messages);
    kept.add(Message.user(message));
    int context = resa.info().engine().options().contextLength();
    int room = Math.min(how.maxTokens(), context / ANSWER_SHARE);
    int dropped = 0;
    while (tokens(kept) + room > context && dropOldest(kept)) {
      dropped++;
    }
    GenerationHandle handle = resa.submit(new GenerationRequest(Prompt.chat(kept), how));
    messages = kept;
    return new Answer(handle, dropped);
  }

  private long tokens(List<Message> conversation) {
    return resa.tokenizer().encode(rendered(conversation), false).length;
  }

  private String rendered(List<Message> conversation) {
    try {
      return resa.chatTemplate()
          .orElseThrow()
          .render(conversation, true, options.templateVariables());
    } catch (InputException e) {
      throw new InputException("the model's chat template refuses this: " + e.getMessage(), e);
    }
  }

  /** Drops the oldest message with its answer; the last message stays. */
  private boolean dropOldest(List<Message> conversation) {
    int first = systemPrompt.isPresent() ? 1 : 0;
    int next = first + 1;
    while (next < conversation.size() && !conversation.get(next).role().equals(USER)) {
      next++;
    }
    if (next == conversation.size()) {
      return false;
    }
    conversation.subList(first, next).clear();
    return true;
  }

  /** Ends a turn with its answer; a message that was stopped before any text counts as unsaid. */
  void answered(Generation answer) {
    last = Optional.of(answer);
    if (answer.finish() == FinishReason.CANCELLED && answer.text().isBlank()) {
      failed();
    } else {
      messages.add(Message.assistant(answer.text()));
    }
  }

  /** Ends a turn that has no answer. */
  void failed() {
    messages.removeLast();
  }

  /**
   * Begins another answer to the last message, in place of the one that it has.
   *
   * @return empty if there is none
   */
  Optional<Answer> askAgain() {
    if (messages.isEmpty() || !messages.getLast().role().equals("assistant")) {
      return Optional.empty();
    }
    List<Message> before = messages;
    messages = new ArrayList<>(before.subList(0, before.size() - 2));
    long seed = options.sampling().seed() + ++seedsTaken;
    try {
      return Optional.of(
          ask(
              before.get(before.size() - 2).content(),
              options.withSampling(options.sampling().withSeed(seed))));
    } catch (RuntimeException e) {
      messages = before;
      throw e;
    }
  }
}
