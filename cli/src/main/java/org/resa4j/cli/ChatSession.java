package org.resa4j.cli;

import java.util.Optional;
import java.util.function.Supplier;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.cli.Conversation.Answer;
import org.resa4j.error.ResaException;
import picocli.CommandLine.Model.CommandSpec;

/** Reads messages and commands, and prints answers, until one side ends it. */
final class ChatSession {
  private final Conversation conversation;
  private final ChatConsole console;
  private final CommandSpec command;
  private boolean heard = true;

  /** What the first turn that failed would end a command with. */
  private int code;

  /**
   * @param command whose flags help where something goes wrong
   */
  ChatSession(Conversation conversation, ChatConsole console, CommandSpec command) {
    this.conversation = conversation;
    this.console = console;
    this.command = command;
  }

  /**
   * Holds it.
   *
   * @return the exit code: of a person at a terminal, who was told of every fault, 0
   */
  int hold(Optional<String> first) {
    if (console.isInteractive()) {
      console.note("/help lists what can be typed beside messages");
    }
    first.ifPresent(
        message -> {
          console.echo(message);
          say(message);
        });
    while (heard) {
      Optional<String> typed = console.read();
      if (typed.isEmpty() || ChatAction.of(typed.get()).equals(Optional.of(ChatAction.EXIT))) {
        break;
      }
      take(typed.get());
    }
    return console.isInteractive() ? 0 : code;
  }

  private void take(String typed) {
    String message = Block.content(typed);
    if (ChatAction.isCommand(typed)) {
      ChatAction.of(typed)
          .ifPresentOrElse(
              this::perform,
              () -> console.note("no command " + typed.strip() + "; /help lists them"));
    } else if (!message.isBlank()) {
      say(message);
    }
  }

  private void perform(ChatAction action) {
    switch (action) {
      case HELP -> console.note(ChatAction.help());
      case CLEAR -> {
        conversation.clear();
        console.note("(a new conversation)");
      }
      case STATS ->
          console.note(
              conversation
                  .last()
                  .map(
                      answer ->
                          Report.stats(conversation.resa().info(), answer, Optional.empty())
                              + context(answer))
                  .orElse("no answer yet"));
      case REGENERATE -> {
        if (conversation.options().sampling().isGreedy()) {
          console.note("it would come out the same; start with --temperature 0.7, for example");
        } else {
          turn(conversation::askAgain);
        }
      }
      case EXIT -> heard = false;
    }
  }

  /** How full the context was at an answer's end. */
  private String context(Generation answer) {
    return "%ncontext    %d of %d tokens"
        .formatted(
            answer.usage().promptTokens() + answer.usage().generatedTokens(),
            conversation.resa().info().engine().options().contextLength());
  }

  private void say(String message) {
    turn(() -> Optional.of(conversation.ask(message)));
  }

  /** One answer; what it fails with is told, and the session goes on. */
  private void turn(Supplier<Optional<Answer>> begin) {
    try {
      Optional<Answer> begun = begin.get();
      if (begun.isEmpty()) {
        console.note("no answer yet");
        return;
      }
      Answer answer = begun.get();
      if (answer.dropped() > 0) {
        console.note(
            "(the context is full: the model no longer knows the %s; /clear begins anew)"
                .formatted(
                    answer.dropped() == 1
                        ? "oldest message and its answer"
                        : answer.dropped() + " oldest messages and their answers"));
      }
      print(answer.handle());
    } catch (ResaException e) {
      Faults.lines(e, command).forEach(console::note);
      code = code == 0 ? Faults.code(e) : code;
    }
  }

  private void print(GenerationHandle handle) {
    Generation generation;
    try (ChatConsole.Watch _ = console.onInterrupt(handle::cancel)) {
      for (GeneratedToken token : handle) {
        if (heard && !console.text(token.text())) {
          heard = false;
          handle.cancel();
        }
      }
      generation = handle.join();
    } catch (RuntimeException e) {
      conversation.failed();
      console.endText();
      throw e;
    }
    console.endText();
    conversation.answered(generation);
    switch (generation.finish()) {
      case CANCELLED -> console.note("(stopped)");
      case MAX_TOKENS ->
          console.note(
              "(cut off at %d tokens; -n/--max-tokens allows more)"
                  .formatted(generation.usage().generatedTokens()));
      case CONTEXT_FULL ->
          console.note(
              "(cut off: the context of %d tokens is full; the oldest messages go with the next)"
                  .formatted(conversation.resa().info().engine().options().contextLength()));
      case TIME_UP -> console.note("(its time was up)");
      case END_OF_TEXT, STOP_STRING -> {}
    }
  }
}
