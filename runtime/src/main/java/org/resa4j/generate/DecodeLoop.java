package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.resa4j.engine.Drift;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.LimitException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.error.Setting;

/**
 * Decoding with rectified sparse attention: prefill, then sparse steps, with the last f tokens
 * encoded again densely whenever f more are in the cache. f is fixed, or follows the drift that
 * rectification measures.
 *
 * <p>Ragged: sequences have their own lengths, settings and phases of rectification. Where there
 * are more requests than slots, a slot that falls free takes the next: the one that finds most of
 * its prompt there, else the first that came.
 *
 * <p>Not thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.4, algorithm 1</a>
 */
public final class DecodeLoop {
  /** How many sequences may have begun between a request and another that passes it. */
  private static final int PATIENCE = 8;

  private final Engine engine;
  private final EngineOptions options;
  private final int vocabulary;
  private final StepBatch batch;
  private final List<Sequence> pending = new LinkedList<>();
  private final List<Sequence> active = new ArrayList<>();
  private Sequence prefilling;
  private final List<Slot> slots = new ArrayList<>();
  private Tally tally = new Tally();
  private long begun;

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
   * @param requests in any number
   * @return a result for each request, in order
   * @throws LimitException if a prompt does not fit the context; then nothing is done
   * @throws IllegalArgumentException if a block size is not the engine's; then nothing is done
   * @throws NonFiniteException if a logit was NaN or infinite, when the other texts have ended
   */
  public List<DecodeResult> run(List<DecodeRequest> requests) {
    return run(requests, (request, result) -> {});
  }

  /**
   * The same, heard as it comes.
   *
   * @param listener hears each text that has ended
   */
  public List<DecodeResult> run(List<DecodeRequest> requests, ResultListener listener) {
    requests.forEach(this::check);
    tally = new Tally();
    List<CompletableFuture<DecodeResult>> results = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      int index = i;
      CompletableFuture<DecodeResult> result = add(requests.get(i));
      result.thenAccept(each -> listener.onResult(index, each));
      results.add(result);
    }
    while (tick()) {}
    try {
      return results.stream().map(CompletableFuture::join).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /**
   * Takes a request; {@link #tick} works on it.
   *
   * @return completes within a tick, with the result or with what went wrong
   * @throws LimitException if the prompt does not fit the context
   * @throws IllegalArgumentException if its block size is not the engine's
   */
  public CompletableFuture<DecodeResult> add(DecodeRequest request) {
    return add(request, System.nanoTime());
  }

  /**
   * The same for a request that came earlier.
   *
   * @param requestedAt when it came, by {@link System#nanoTime}
   */
  public CompletableFuture<DecodeResult> add(DecodeRequest request, long requestedAt) {
    check(request);
    long wanted = (long) request.prompt().length + request.maxTokens();
    int capacity = (int) Math.min(wanted, options.contextLength() + 1L);
    Sampler sampler = new Sampler(request.sampling(), request.logProbabilities(), vocabulary);
    Sequence sequence = new Sequence(request, sampler, capacity, begun, requestedAt);
    pending.add(sequence);
    return sequence.result;
  }

  private void check(DecodeRequest request) {
    int length = request.prompt().length;
    if (length > options.contextLength()) {
      throw new LimitException(
          "the prompt has %d tokens, the context holds %d"
              .formatted(length, options.contextLength()),
          length,
          options.contextLength(),
          List.of(Setting.CONTEXT_LENGTH));
    }
    if (request.config().blockSize() != options.blockSize()) {
      throw new IllegalArgumentException(
          "the request asks for blocks of %d tokens, the cache has blocks of %d"
              .formatted(request.config().blockSize(), options.blockSize()));
    }
  }

  /**
   * Does the next piece of work: a chunk of a prompt where there is one to encode, and a step of
   * all sequences that decode, with the rectifications that it brings. Where a slot is free and a
   * request waits, its prompt comes before the next step; a long one takes turns with steps.
   *
   * @return whether there is more to do
   */
  public boolean tick() {
    endCancelled();
    if (prefilling == null && !pending.isEmpty() && active.size() < slots.size()) {
      begin(takeNext());
    }
    boolean whole = prefilling != null && prefill();
    if (!whole && !active.isEmpty()) {
      step();
      rectify();
    }
    retireFinished();
    return !(pending.isEmpty() && active.isEmpty() && prefilling == null);
  }

  /** Ends all requests with a failure, and trusts nothing any more that is cached. */
  public void fail(Throwable failure) {
    List<Sequence> all = new ArrayList<>(pending);
    all.addAll(active);
    if (prefilling != null) {
      all.add(prefilling);
    }
    pending.clear();
    active.clear();
    prefilling = null;
    slots.forEach(Slot::forget);
    all.forEach(sequence -> sequence.result.completeExceptionally(failure));
  }

  private void endCancelled() {
    for (Iterator<Sequence> iterator = pending.iterator(); iterator.hasNext(); ) {
      Sequence sequence = iterator.next();
      if (sequence.isCancelled()) {
        iterator.remove();
        sequence.finish = FinishReason.CANCELLED;
        sequence.end();
      }
    }
    if (prefilling != null && prefilling.isCancelled()) {
      prefilling.finish = FinishReason.CANCELLED;
      active.add(prefilling);
      prefilling = null;
    }
    for (Sequence sequence : active) {
      if (sequence.isCancelled()) {
        sequence.finish = FinishReason.CANCELLED;
      }
    }
    retireFinished();
  }

  /**
   * Takes the request that finds most of its prompt in a free slot; among equals the first. So
   * requests of one prompt follow each other in its slot. Those that came long after the first do
   * not pass it: whoever asks again and again must not keep it waiting.
   */
  private Sequence takeNext() {
    Sequence best = pending.getFirst();
    int longest = 0;
    long latest = best.begunBefore + PATIENCE;
    for (Sequence sequence : pending) {
      if (sequence.begunBefore > latest) {
        break;
      }
      int known = bestSlot(sequence.prompt()).commonPrefix(sequence.prompt());
      if (known > longest) {
        longest = known;
        best = sequence;
      }
    }
    pending.remove(best);
    begun++;
    return best;
  }

  private void begin(Sequence sequence) {
    sequence.begin();
    Slot slot = bestSlot(sequence.prompt());
    // The last token is encoded in any case: its logits are wanted.
    int known = Math.min(slot.commonPrefix(sequence.prompt()), sequence.promptLength() - 1);
    slot.take(sequence, known);
    sequence.cachedTokens = known;
    sequence.encoded = known;
    prefilling = sequence;
  }

  /** Encodes a chunk; returns whether that was the last, and the first token is chosen. */
  private boolean prefill() {
    long began = System.nanoTime();
    Sequence sequence = prefilling;
    int from = sequence.encoded;
    int count = Math.min(options.encodeTokens(), sequence.promptLength() - from);
    boolean last = from + count == sequence.promptLength();
    engine.encode(sequence.slot.index, from, sequence.tokens(), from, count, last);
    sequence.encoded += count;
    sequence.slot.trust(sequence.encoded);
    if (last) {
      prefilling = null;
      active.add(sequence);
      choose(sequence, 0);
      sequence.firstTokenNanos = sequence.nanosSinceRequest();
    }
    long took = System.nanoTime() - began;
    sequence.tally.prefilled(count, took);
    tally.prefilled(count, took);
    return last;
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
    long took = System.nanoTime() - began;
    tally.stepped(active.size(), took);
    for (Sequence sequence : active) {
      sequence.tally.stepped(1, took);
    }
  }

  private void choose(Sequence sequence, int row) {
    Optional<ChosenToken> choice = sequence.sampler.next(engine, row);
    if (choice.isEmpty()) {
      failNonFinite(sequence);
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

  /** Ends one text, whose logits are no numbers; what it cached is not to be trusted. */
  private static void failNonFinite(Sequence sequence) {
    sequence.result.completeExceptionally(
        new NonFiniteException(
            "token %d of the text (position %d) cannot be chosen: a logit is NaN or infinite"
                .formatted(sequence.generated() + 1, sequence.lastPosition() + 1),
            List.of(Setting.KV_TYPE)));
    sequence.finish = FinishReason.CANCELLED;
    sequence.slot.trust(0);
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
        sequence.tally.rectified(took);
        tally.rectified(took);
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

  private void retireFinished() {
    for (Iterator<Sequence> iterator = active.iterator(); iterator.hasNext(); ) {
      Sequence sequence = iterator.next();
      if (sequence.finish != null) {
        sequence.slot.release();
        iterator.remove();
        sequence.end();
      }
    }
  }

  /** Times and counts of the last {@link #run}, all sequences together. */
  public DecodeTimes times() {
    return tally.times();
  }
}
