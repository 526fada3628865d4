package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import org.resa4j.InputException;
import org.resa4j.engine.Drift;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;

/**
 * Decoding with rectified sparse attention: prefill, then sparse steps, with the last f tokens
 * encoded again densely whenever f more are in the cache. f is fixed, or follows the drift that
 * rectification measures.
 *
 * <p>Ragged: sequences have their own lengths, settings and phases of rectification. Where there
 * are more requests than slots, a slot that falls free takes the next: the one that finds most of
 * its prompt there, else the first in the list.
 *
 * <p>Not thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.4, algorithm 1</a>
 */
public final class DecodeLoop {
  private final Engine engine;
  private final EngineOptions options;
  private final int vocabulary;
  private final StepBatch batch;
  private final List<Sequence> active = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();

  private long start;
  private long prefillTokens;
  private long prefillNanos;
  private long steps;
  private long stepTokens;
  private long stepNanos;
  private long rectifications;
  private long rectifyNanos;
  private long longestRectifyNanos;

  /**
   * @param vocabulary the model's number of tokens
   */
  public DecodeLoop(Engine engine, int vocabulary) {
    this.engine = engine;
    this.vocabulary = vocabulary;
    options = engine.info().options();
    batch = new StepBatch(options.sequences());
    for (int i = 0; i < options.sequences(); i++) {
      slots.add(new Slot(i));
    }
  }

  /**
   * Writes all texts; returns when the last has ended.
   *
   * @param requests in any number; their block size must be the engine's
   * @param cancellation ends all of them before the next token
   * @return a result for each request, in order
   * @throws InputException if a prompt does not fit the context
   */
  public List<DecodeResult> run(List<DecodeRequest> requests, Cancellation cancellation) {
    return run(requests, cancellation, (request, result) -> {});
  }

  /**
   * The same, heard as it comes.
   *
   * @param listener hears each text that has ended, and none that was cancelled
   */
  public List<DecodeResult> run(
      List<DecodeRequest> requests, Cancellation cancellation, ResultListener listener) {
    requests.forEach(this::checkFits);
    start = System.nanoTime();
    resetCounts();
    active.clear();
    slots.forEach(Slot::release);
    DecodeResult[] results = new DecodeResult[requests.size()];
    Arrays.fill(results, DecodeResult.NOT_STARTED);
    ResultListener keeper =
        (index, result) -> {
          results[index] = result;
          listener.onResult(index, result);
        };
    List<Integer> pending = new LinkedList<>();
    for (int i = 0; i < requests.size(); i++) {
      pending.add(i);
    }
    while (!cancellation.isCancelled() && !(pending.isEmpty() && active.isEmpty())) {
      while (!pending.isEmpty() && active.size() < slots.size() && !cancellation.isCancelled()) {
        int next = takeNext(pending, requests);
        prefill(sequence(next, requests.get(next)), cancellation, keeper);
      }
      if (!active.isEmpty() && !cancellation.isCancelled()) {
        step();
        rectify();
        retireFinished(keeper);
      }
    }
    active.forEach(sequence -> results[sequence.index] = sequence.result());
    return List.of(results);
  }

  /**
   * Takes the request that finds most of its prompt in a free slot; among equals the first. So
   * requests of one prompt follow each other in its slot, wherever they stand in the list.
   */
  private int takeNext(List<Integer> pending, List<DecodeRequest> requests) {
    int best = pending.getFirst();
    int longest = 0;
    for (int index : pending) {
      int[] prompt = requests.get(index).prompt();
      int known = bestSlot(prompt).commonPrefix(prompt);
      if (known > longest) {
        longest = known;
        best = index;
      }
    }
    pending.remove((Integer) best);
    return best;
  }

  private Sequence sequence(int index, DecodeRequest request) {
    long wanted = (long) request.prompt().length + request.maxTokens();
    int capacity = (int) Math.min(wanted, options.contextLength() + 1L);
    return new Sequence(index, request, new Sampler(request.sampling(), vocabulary), capacity);
  }

  private void checkFits(DecodeRequest request) {
    if (request.prompt().length > options.contextLength()) {
      throw new InputException(
          "the prompt has %d tokens, the context holds %d: raise -c/--ctx-size"
              .formatted(request.prompt().length, options.contextLength()));
    }
  }

  private void prefill(Sequence sequence, Cancellation cancellation, ResultListener listener) {
    long began = System.nanoTime();
    Slot slot = bestSlot(sequence.prompt());
    int length = sequence.promptLength();
    // The last token is encoded in any case: its logits are wanted.
    int known = Math.min(slot.commonPrefix(sequence.prompt()), length - 1);
    slot.take(sequence, known);
    for (int from = known; from < length; from += options.encodeTokens()) {
      if (cancellation.isCancelled()) {
        return;
      }
      int count = Math.min(options.encodeTokens(), length - from);
      engine.encode(slot.index, from, sequence.tokens(), from, count, from + count == length);
      slot.trust(from + count);
    }
    choose(sequence, 0);
    sequence.firstTokenNanos = System.nanoTime() - start;
    prefillTokens += length - known;
    prefillNanos += System.nanoTime() - began;
    if (sequence.finish == null) {
      active.add(sequence);
    } else {
      slot.release();
      listener.onResult(sequence.index, sequence.result());
    }
  }

  private Slot bestSlot(int[] prompt) {
    return slots.stream()
        .filter(Slot::isFree)
        .max(Comparator.comparingInt(slot -> slot.commonPrefix(prompt)))
        .orElseThrow();
  }

  private void step() {
    long began = System.nanoTime();
    batch.clear();
    for (int row = 0; row < active.size(); row++) {
      Sequence sequence = active.get(row);
      batch.add(
          sequence.slot.index, sequence.lastToken(), sequence.lastPosition(), sequence.config);
      int blocks = sequence.config.blocks(batch.tokens(row));
      sequence.blocksSeen += blocks;
      sequence.blocksKept += batch.keepBlocks(row);
      sequence.drifted |= batch.keepBlocks(row) < blocks;
    }
    engine.step(batch);
    for (int row = 0; row < active.size(); row++) {
      Sequence sequence = active.get(row);
      if (!sequence.drifted) {
        sequence.slot.trust(batch.tokens(row));
      }
      choose(sequence, row);
    }
    steps++;
    stepTokens += active.size();
    stepNanos += System.nanoTime() - began;
  }

  private void choose(Sequence sequence, int row) {
    int token = sequence.sampler.next(engine, row);
    sequence.append(token);
    boolean goOn = sequence.listener.onToken(token);
    if (sequence.stopTokens.contains(token)) {
      sequence.finish = FinishReason.END_OF_TEXT;
    } else if (!goOn) {
      sequence.finish = FinishReason.STOP_STRING;
    } else if (sequence.capacityLeft() == 0) {
      sequence.finish =
          sequence.tokens().length > options.contextLength()
              ? FinishReason.CONTEXT_FULL
              : FinishReason.MAX_TOKENS;
    }
  }

  /**
   * Encodes the last f tokens again where another f are in the cache. The token just chosen is not
   * among them; its choice stands. A window in which every step kept all blocks has nothing to
   * rectify.
   */
  private void rectify() {
    for (Sequence sequence : active) {
      if (!sequence.windowIsFull() || sequence.finish != null) {
        continue;
      }
      if (sequence.drifted) {
        long began = System.nanoTime();
        rectify(sequence);
        long took = System.nanoTime() - began;
        rectifications++;
        rectifyNanos += took;
        longestRectifyNanos = Math.max(longestRectifyNanos, took);
      }
      sequence.windowStart = sequence.generated() - 1;
    }
  }

  private void rectify(Sequence sequence) {
    int slot = sequence.slot.index;
    int tokens = sequence.interval.tokens();
    int end = sequence.lastPosition();
    Optional<Drift> drift = Optional.empty();
    for (int from = end - tokens; from < end; from += options.encodeTokens()) {
      int count = Math.min(options.encodeTokens(), end - from);
      if (sequence.measuresDrift) {
        Drift part = engine.rectify(slot, from, sequence.tokens(), from, count);
        drift = Optional.of(drift.map(part::plus).orElse(part));
      } else {
        engine.encode(slot, from, sequence.tokens(), from, count, false);
      }
    }
    sequence.drifted = false;
    sequence.slot.trust(end);
    sequence.rectification =
        sequence.rectification.plus(
            drift
                .map(
                    whole ->
                        Rectification.measured(
                            tokens, sequence.interval.rectified(whole.relative())))
                .orElseGet(() -> Rectification.unmeasured(tokens)));
  }

  private void retireFinished(ResultListener listener) {
    for (Iterator<Sequence> iterator = active.iterator(); iterator.hasNext(); ) {
      Sequence sequence = iterator.next();
      if (sequence.finish != null) {
        sequence.slot.release();
        iterator.remove();
        listener.onResult(sequence.index, sequence.result());
      }
    }
  }

  private void resetCounts() {
    prefillTokens = 0;
    prefillNanos = 0;
    steps = 0;
    stepTokens = 0;
    stepNanos = 0;
    rectifications = 0;
    rectifyNanos = 0;
    longestRectifyNanos = 0;
  }

  /** Times and counts of the last run. */
  public DecodeTimes times() {
    return new DecodeTimes(
        prefillTokens,
        prefillNanos,
        steps,
        stepTokens,
        stepNanos,
        rectifications,
        rectifyNanos,
        longestRectifyNanos);
  }
}
