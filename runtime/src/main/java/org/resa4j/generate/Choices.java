package org.resa4j.generate;

import java.util.List;
import java.util.Optional;
import org.resa4j.engine.Engine;
import org.resa4j.error.InputException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.error.Setting;

/** What becomes of a sequence when a token of its text is chosen. */
final class Choices {
  private Choices() {}

  /** Chooses the next token from a row of the engine's logits, and tells who listens. */
  static void choose(Engine engine, Sequence sequence, int row) {
    Optional<ChosenToken> choice = sequence.sampler.next(engine, row, sequence.length());
    if (choice.isEmpty()) {
      if (sequence.sampler.isStuck()) {
        failStuck(sequence);
      } else {
        failNonFinite(sequence);
      }
      return;
    }
    ChosenToken token = choice.get();
    sequence.append(token.id());
    if (sequence.request.stopTokens().contains(token.id())) {
      sequence.finish = FinishReason.END_OF_TEXT;
    } else if (sequence.generated() == sequence.request.maxTokens()) {
      sequence.finish = FinishReason.MAX_TOKENS;
    } else if (sequence.isFull()) {
      sequence.finish = FinishReason.CONTEXT_FULL;
    } else if (sequence.isOverdue()) {
      // Now, so that who listens hears that this is the last.
      sequence.finish = FinishReason.TIME_UP;
    }
    try {
      boolean goOn = sequence.request.listener().onToken(token, sequence.finish != null);
      if (!goOn && sequence.finish != FinishReason.END_OF_TEXT) {
        sequence.finish = FinishReason.STOP_STRING;
      }
    } catch (RuntimeException e) {
      // A fault of this text's listener alone; the others go on.
      sequence.result.completeExceptionally(e);
      sequence.finish = FinishReason.CANCELLED;
    }
  }

  /** Ends one text, which may not go on and may not end. */
  private static void failStuck(Sequence sequence) {
    sequence.result.completeExceptionally(
        new InputException(
            "no token of the vocabulary may come after the %d that were written: the text's filter"
                    .formatted(sequence.generated())
                + " allows none"));
    sequence.finish = FinishReason.CANCELLED;
  }

  /** Ends one text, whose logits are no numbers; what it cached is not to be trusted. */
  private static void failNonFinite(Sequence sequence) {
    sequence.result.completeExceptionally(
        new NonFiniteException(
            "token %d of the text (position %d) cannot be chosen: a logit is NaN or infinite"
                .formatted(sequence.generated() + 1, sequence.length()),
            List.of(Setting.KV_TYPE)));
    sequence.finish = FinishReason.CANCELLED;
    sequence.cache.distrust();
  }
}
