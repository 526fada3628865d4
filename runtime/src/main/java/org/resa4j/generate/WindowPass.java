package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;

/**
 * The dense pass over the last tokens of sequences: rectification after {@link Algorithm1}, over
 * part of the blocks where its settings say so, and verification in exact mode.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
 */
final class WindowPass {
  private final Engine engine;
  private final EngineOptions options;
  private final EncodeBatch encodes;
  private final DraftCosts costs;
  private final List<Sequence> due = new ArrayList<>();

  /** Of the sequences of a pass, before it. */
  private final int[] lengths;

  /**
   * @param encodes refilled for each call of the engine
   */
  WindowPass(Engine engine, EncodeBatch encodes, DraftCosts costs) {
    this.engine = engine;
    this.encodes = encodes;
    this.costs = costs;
    options = engine.info().options();
    lengths = new int[options.sequences()];
  }

  /** Finds the sequences whose window is to be rectified or verified before their next step. */
  boolean areDue(List<Sequence> active) {
    due.clear();
    for (Sequence sequence : active) {
      if (sequence.isDue()) {
        due.add(sequence);
      }
    }
    return !due.isEmpty();
  }

  /**
   * A dense pass over the windows that are due, of as many sequences as one call takes. Where drift
   * is measured, or a window is longer than a call, it is a pass of its own.
   *
   * @param all what all sequences together took is added there
   * @return false where the cache has no room for any of them; then nothing was done
   */
  boolean pass(Tally all) {
    long began = System.nanoTime();
    Sequence first = due.getFirst();
    if (first.drafting.isEmpty()
        && (first.measuresDrift || first.algorithm.window() > options.encodeTokens())) {
      rectifyAlone(first);
      due.removeIf(sequence -> sequence != first);
      book(began, all);
      return true;
    }
    encodes.clear();
    int logits = 0;
    for (Iterator<Sequence> iterator = due.iterator(); iterator.hasNext(); ) {
      Sequence sequence = iterator.next();
      boolean verifies = sequence.drafting.isPresent();
      int count = verifies ? sequence.draftedTokens() + 1 : sequence.algorithm.window();
      boolean fits =
          encodes.hasRoom(count)
              && (verifies || !sequence.measuresDrift)
              && logits + (verifies ? count : 0) <= options.logitRows();
      // A verification also writes the last draft's K and V, where the next step would have.
      if (!fits || !sequence.cache.reserve(sequence.length() + sequence.draftedTokens())) {
        iterator.remove();
        continue;
      }
      int from = verifies ? sequence.length() - 1 : sequence.cached - count;
      encodes.add(
          sequence.cache.table(),
          from,
          sequence.tokens(),
          from,
          count,
          verifies ? Logits.ALL : Logits.NONE);
      if (!verifies) {
        sequence.config.rectifySelection().ifPresent(encodes::select);
      }
      logits += verifies ? count : 0;
    }
    if (due.isEmpty()) {
      return false;
    }
    engine.encode(encodes);
    for (int i = 0; i < due.size(); i++) {
      Sequence sequence = due.get(i);
      lengths[i] = sequence.length();
      if (sequence.drafting.isPresent()) {
        accept(sequence, encodes.firstLogitRow(i));
      } else {
        rectified(sequence, sequence.algorithm.rectified());
      }
    }
    book(began, all);
    return true;
  }

  /** Books a pass over windows: to each its own, and to all of them its time but once. */
  private void book(long began, Tally all) {
    long took = System.nanoTime() - began;
    int verified = 0;
    int written = 0;
    for (int i = 0; i < due.size(); i++) {
      Sequence sequence = due.get(i);
      if (sequence.drafting.isPresent()) {
        int own = sequence.length() - lengths[i];
        sequence.tally.verified(1, own, took);
        verified++;
        written += own;
      } else {
        sequence.tally.rectified(1, took);
      }
    }
    if (verified > 0) {
      costs.verified(encodes.tokens(), took);
      all.verified(verified, written, took);
      all.rectified(due.size() - verified, 0);
    } else {
      all.rectified(due.size(), took);
    }
  }

  private void rectifyAlone(Sequence sequence) {
    int end = sequence.cached;
    int window = sequence.algorithm.window();
    Optional<Drift> drift = Optional.empty();
    for (int from = end - window; from < end; from += options.encodeTokens()) {
      int count = Math.min(options.encodeTokens(), end - from);
      int[] tokens = sequence.tokens();
      if (sequence.measuresDrift) {
        Drift part = engine.rectify(sequence.cache.table(), from, tokens, from, count);
        drift = Optional.of(drift.map(part::plus).orElse(part));
      } else {
        encodes.clear();
        encodes.add(sequence.cache.table(), from, tokens, from, count, Logits.NONE);
        sequence.config.rectifySelection().ifPresent(encodes::select);
        engine.encode(encodes);
      }
    }
    rectified(
        sequence,
        drift
            .map(whole -> sequence.algorithm.rectified(whole.relative()))
            .orElseGet(sequence.algorithm::rectified));
  }

  private static void rectified(Sequence sequence, Rectification rectification) {
    sequence.rectification = sequence.rectification.plus(rectification);
    if (sequence.tracing != null) {
      int tokens = Math.toIntExact(rectification.tokens());
      sequence.tracing.rectified(sequence, sequence.cached - tokens, sequence.cached);
    }
    if (!sequence.algorithm.drifted()) {
      sequence.cachedDensely(sequence.cached);
    }
  }

  /** Goes on with what the dense pass chose, up to the first draft that it did not. */
  private void accept(Sequence sequence, int firstRow) {
    int[] drafted = sequence.drafted();
    int drafts = drafted.length;
    sequence.dropDrafts();
    int before = sequence.length();
    int agreed = 0;
    for (int i = 0; i <= drafts && sequence.finish == null; i++) {
      int length = sequence.length();
      Choices.choose(engine, sequence, firstRow + i);
      if (i == drafts || sequence.length() == length || sequence.lastToken() != drafted[i]) {
        break;
      }
      agreed++;
    }
    if (sequence.finish != FinishReason.CANCELLED) {
      // The pass has cached every token but the newest.
      sequence.cachedDensely(sequence.length() - 1);
    }
    sequence.drafting.orElseThrow().verified(drafts, agreed, sequence.length() - before);
    if (sequence.tracing != null) {
      boolean refused = agreed < drafts && sequence.length() > before + agreed;
      sequence.tracing.verified(sequence, new VerificationTrace(before, drafted, agreed, refused));
    }
  }
}
