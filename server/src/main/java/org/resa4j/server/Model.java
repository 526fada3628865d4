package org.resa4j.server;

import java.time.Duration;
import java.util.Optional;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.server.request.ApiException;
import org.resa4j.tokenizer.Tokenizer;

/**
 * The one model that is served, under its name for clients, and what holds for all of its texts.
 */
record Model(Resa resa, GenerationOptions defaults, ServerOptions options) {

  private static final String TRACE = "resa_trace";

  String id() {
    return options.modelId();
  }

  Tokenizer tokenizer() {
    return resa.tokenizer();
  }

  /** Tokens of prompt and text at the most. */
  int context() {
    return resa.info().engine().options().contextLength();
  }

  Duration maxTime() {
    return options.maxTime();
  }

  /**
   * Refuses requests for other models.
   *
   * @param asked what the request asks for
   */
  void check(Optional<String> asked) {
    if (asked.isPresent() && !asked.get().equals(id())) {
      throw ApiException.notFound(
          "model", "model_not_found", "the model here is %s, not %s".formatted(id(), asked.get()));
    }
  }

  /**
   * What hears of the cache for a text.
   *
   * @param texts how many texts the request wants
   * @param promptTokens tokens of the prompt
   * @throws ApiException if it is more than one, or the device does not tell
   */
  Trace trace(int texts, int promptTokens) {
    if (texts != 1) {
      throw ApiException.unsupported(
          TRACE, "resa_trace is of one text, and the request wants " + texts);
    }
    if (!resa.info().engine().tellsSelections()) {
      throw ApiException.unsupported(
          TRACE,
          "resa_trace: %s does not tell which blocks of the cache it reads"
              .formatted(resa.info().engine().device().id()));
    }
    return new Trace(this, promptTokens);
  }

  /**
   * Refuses prompts that are too long.
   *
   * @param field what the request has the prompt in
   */
  void checkPrompt(int tokens, String field) {
    int most = Math.min(options.mostPromptTokens(), context());
    if (tokens > most) {
      throw ApiException.tooLong(
          field, "the prompt has %d tokens, %d may be had".formatted(tokens, most));
    }
  }
}
