package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.BlockCache;
import org.resa4j.cache.CachedSequence;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.LimitException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.error.Setting;

/**
 * Decides what an engine does next for many texts: a chunk of a prompt, a step of all that decode,
 * or a dense pass over the windows that are due, rectified after {@link Algorithm1} or verified in
 * exact mode.
 *
 * <p>Ragged: sequences have their own lengths, settings and phases. A tick is one call of the
 * engine, so that nobody waits longer for a token than a chunk, a pass and a step take: a long
 * prompt takes turns with steps, in smaller chunks while others decode, and what begins together is
 * a step apart. Where the cache is full, the newest of the least urgent sequences gives up its
 * pages and begins again later, which its text does not show.
 *
 * <p>Exact mode: the cache is as dense passes leave it up to position p, and token t_p is chosen.
 * Sparse steps draft t_p+1 ... t_p+f-1, one dense pass over t_p ... t_p+f-1 says what dense
 * decoding chooses after each, and the text goes on with those choices up to the first that differs
 * from its draft, that one included. Up to rounding it is the text of dense decoding.
 *
 * <p>Not thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.4, algorithm 1</a>
 */
public final class Scheduler {
  /** Of a chunk of a prompt, while others decode: what they wait for between two tokens. */
  private static final int SHARE_BESIDE_STEPS = 4;

  private final Engine engine;
  private final EngineOptions options;
  private final ResaConfig dense;
  private final int vocabulary;
  private final BlockCache cache;
  private final StepBatch steps;
  private final EncodeBatch encodes;
  private final DraftCosts costs = new DraftCosts();
  private final RequestQueue queue = new RequestQueue();
  private final List<Sequence> active = new ArrayList<>();
  private final WindowPass windows;

  /** Of the sequences of a step, before it. */
  private final int[] lengths;

  private Sequence prefilling;
  private boolean prefillHadItsTurn;

  /** A sequence gave up its pages, and none has ended since: another would soon have to. */
  private boolean cacheIsShort;

  /** No request found room, and nothing has changed since for any that waits. */
  private boolean admitsNone;

  private Tally tally = new Tally();
  private long begun;
  private long suspensions;

  /**
   * @param vocabulary the model's number of tokens
   */
  public Scheduler(Engine engine, int vocabulary) {
    this.engine = engine;
    this.vocabulary = vocabulary;
    options = engine.info().options();
    dense = ResaConfig.dense(options.blockSize());
    cache = new BlockCache(engine);
    lengths = new int[options.sequences()];
    steps = new StepBatch(options.sequences());
    encodes = new EncodeBatch(options.sequences(), options.encodeTokens());
    windows = new WindowPass(engine, encodes, costs);
  }

  /** The engine's pages, and what of them is shared. */
  public BlockCache cache() {
    return cache;
  }

  /**
   * Writes all texts; returns when the last has ended.
   *
   * @param requests in any number
   * @return a result for each request, in order
   * @throws LimitException if a prompt does not fit the context; then nothing is done
   * @throws IllegalArgumentException if a block size is not the engine's; then nothing is done
   * @throws NonFiniteException if a logit was NaN or infinite, when the other texts have ended
   * @throws org.resa4j.error.DeviceException if the engine fails; then no text goes on
   */
  public List<DecodeResult> run(List<DecodeRequest> requests) {
    return run(requests, (request, result) -> {});
  }

  /**
   * The same, heard as it comes.
   *
   * @param listener hears each text that has ended; what it throws is thrown when all have
   */
  public List<DecodeResult> run(List<DecodeRequest> requests, ResultListener listener) {
    requests.forEach(this::check);
    tally = new Tally();
    List<CompletableFuture<DecodeResult>> results = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      int index = i;
      results.add(
          submit(requests.get(i))
              .thenApply(
                  result -> {
                    listener.onResult(index, result);
                    return result;
                  }));
    }
    try {
      while (tick()) {}
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
    try {
      return results.stream().map(CompletableFuture::join).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /**
   * Takes a request, at any time; {@link #tick} works on it.
   *
   * @return completes within a tick, with the result or with what went wrong
   * @throws LimitException if the prompt does not fit the context
   * @throws IllegalArgumentException if its block size is not the engine's
   */
  public CompletableFuture<DecodeResult> submit(DecodeRequest request) {
    return submit(request, System.nanoTime());
  }

  /**
   * The same for a request that came earlier.
   *
   * @param requestedAt when it came, by {@link System#nanoTime}
   */
  public CompletableFuture<DecodeResult> submit(DecodeRequest request, long requestedAt) {
    check(request);
    long wanted = (long) request.prompt().length + request.maxTokens();
    int capacity = (int) Math.min(wanted, options.contextLength() + 1L);
    int mostVerified = Math.min(options.encodeTokens(), options.logitRows());
    Sequence sequence =
        new Sequence(request, vocabulary, capacity, mostVerified, costs, begun, requestedAt);
    queue.add(sequence);
    admitsNone = false;
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
    request.config().rectifySelection().ifPresent(by -> Limits.selection(engine.info(), by));
    if (request.trace().isPresent() && !engine.info().tellsSelections()) {
      throw new IllegalArgumentException(
          "the request asks for a trace, and the engine does not tell which blocks it reads");
    }
  }

  /**
   * Does the next piece of work, one call of the engine where there is any.
   *
   * @return whether there is more to do
   */
  public boolean tick() {
    endCancelledAndOverdue();
    admit();
    boolean prefills = prefilling != null && !(prefillHadItsTurn && !active.isEmpty());
    if (prefills) {
      prefillHadItsTurn = true;
      prefill();
    } else if (!windows.areDue(active)) {
      prefillHadItsTurn = false;
      step();
    } else if (!windows.pass(tally)) {
      makeRoom();
    }
    retireFinished();
    return !(queue.isEmpty() && active.isEmpty() && prefilling == null);
  }

  /** Ends all requests with a failure, and trusts nothing any more that is cached. */
  public void fail(Throwable failure) {
    List<Sequence> all = new ArrayList<>(active);
    if (prefilling != null) {
      all.add(prefilling);
    }
    queue.removeIf(sequence -> true, all::add);
    active.clear();
    prefilling = null;
    cacheIsShort = false;
    admitsNone = false;
    cache.clear();
    all.forEach(sequence -> sequence.result.completeExceptionally(failure));
  }

  private void endCancelledAndOverdue() {
    queue.removeIf(
        Scheduler::isOver,
        sequence -> {
          over(sequence);
          sequence.end();
          admitsNone = false;
        });
    if (prefilling != null && isOver(prefilling)) {
      active.add(prefilling);
      prefilling = null;
    }
    active.stream().filter(Scheduler::isOver).forEach(Scheduler::over);
    retireFinished();
  }

  private static boolean isOver(Sequence sequence) {
    return sequence.isCancelled() || sequence.isOverdue();
  }

  private static void over(Sequence sequence) {
    sequence.finish = sequence.isCancelled() ? FinishReason.CANCELLED : FinishReason.TIME_UP;
  }

  /** Begins the next sequence where there is a row and room in the cache for it. */
  private void admit() {
    giveWay();
    if (prefilling != null
        || queue.isEmpty()
        || active.size() == options.sequences()
        || (admitsNone && !active.isEmpty())) {
      return;
    }
    if (cacheIsShort && !active.isEmpty()) {
      return;
    }
    Sequence sequence = queue.next(each -> cache.find(each.tokens(), most(each)));
    if (!active.isEmpty() && !mayFit(sequence)) {
      admitsNone = true;
      return;
    }
    CachedSequence pages = cache.open(sequence.tokens(), most(sequence));
    // Each that decodes may want a page soon.
    boolean room =
        pages.reserve(Math.max(sequence.encodeTo, sequence.length()))
            && cache.pages() - cache.heldPages() >= active.size();
    if (!room && (!active.isEmpty() || cache.hasVisitors())) {
      pages.release();
      admitsNone = true;
      return;
    }
    queue.remove(sequence);
    if (!sequence.hasBegun()) {
      sequence.drafting.ifPresent(this::stagger);
      sequence.begunAt = ++begun;
    }
    sequence.begin(pages);
    if (sequence.isPrefilling()) {
      prefilling = sequence;
    } else {
      active.add(sequence);
    }
  }

  /**
   * A prompt waits where a more urgent request has come since it began: what of it is cached stays
   * for it while there is room.
   */
  private void giveWay() {
    if (prefilling != null && queue.hasMoreUrgent(prefilling.request.priority())) {
      prefilling.suspend();
      queue.putBack(prefilling);
      prefilling = null;
      admitsNone = false;
    }
  }

  /** Whether it is worth a try: one that fails takes pages from those that are kept for others. */
  private boolean mayFit(Sequence sequence) {
    int shared = cache.find(sequence.tokens(), most(sequence)) / cache.pageTokens();
    int needed = Math.ceilDiv(sequence.length(), cache.pageTokens()) - shared;
    return needed + active.size() <= cache.pages() - cache.heldPages();
  }

  /** Tokens that may be taken over: the last is encoded in any case, its logits are wanted. */
  private static int most(Sequence sequence) {
    return Math.min(sequence.encodeTo, sequence.length() - 1);
  }

  private void stagger(Drafting drafting) {
    if (!active.isEmpty()) {
      drafting.beginWith((begun % options.sequences() + 1.0) / options.sequences());
    }
  }

  /** Encodes a chunk; after the last one of a prompt the first token is chosen. */
  private void prefill() {
    long began = System.nanoTime();
    Sequence sequence = prefilling;
    int from = sequence.cached;
    int most =
        active.isEmpty()
            ? options.encodeTokens()
            : Math.max(1, options.encodeTokens() / SHARE_BESIDE_STEPS);
    int count = Math.min(most, sequence.encodeTo - from);
    boolean chooses = from + count == sequence.length();
    encodes.clear();
    encodes.add(
        sequence.cache.table(),
        from,
        sequence.tokens(),
        from,
        count,
        chooses ? Logits.LAST : Logits.NONE);
    engine.encode(encodes);
    sequence.cachedDensely(from + count);
    if (!sequence.isPrefilling()) {
      prefilling = null;
      active.add(sequence);
    }
    if (chooses) {
      Choices.choose(engine, sequence, 0);
      sequence.firstTokenNanos = sequence.nanosSinceRequest();
    }
    long took = System.nanoTime() - began;
    sequence.tally.prefilled(count, took);
    tally.prefilled(count, took);
  }

  /** A step of all that decode; those that draft go on with their drafts. */
  private void step() {
    if (!reserveForStep() || active.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    steps.clear();
    for (Sequence sequence : active) {
      int position = sequence.cached;
      ResaConfig config =
          sequence.drafts() || sequence.drafting.isEmpty() ? sequence.config : dense;
      steps.add(sequence.cache.table(), sequence.tokens()[position], position, config);
      if (sequence.tracing != null) {
        steps.observe(sequence.tracing);
      }
      sequence.blocksSeen += sequence.config.blocks(position + 1);
      sequence.blocksKept += steps.keepBlocks(steps.rows() - 1);
    }
    engine.step(steps);
    for (int row = 0; row < active.size(); row++) {
      lengths[row] = active.get(row).length();
      stepped(active.get(row), row);
    }
    long took = System.nanoTime() - began;
    costs.stepped(took);
    int all = 0;
    for (int row = 0; row < active.size(); row++) {
      int written = active.get(row).length() - lengths[row];
      active.get(row).tally.stepped(written, took);
      all += written;
    }
    tally.stepped(all, took);
  }

  private void stepped(Sequence sequence, int row) {
    boolean chooses = sequence.feedsLast();
    if (sequence.tracing != null) {
      sequence.tracing.stepped(sequence, steps.keepBlocks(row));
      if (sequence.finish != null) {
        return;
      }
    }
    int position = sequence.cached++;
    if (sequence.drafts()) {
      OptionalInt token = sequence.sampler.draft(engine, row, position + 1);
      // Without one the dense pass decides what is wrong.
      sequence.appendDraft(token.orElse(0));
      return;
    }
    if (sequence.drafting.isEmpty()) {
      sequence.algorithm.stepped(sequence.isSparse(position));
    }
    if (!sequence.algorithm.drifted()) {
      sequence.cachedDensely(sequence.cached);
    }
    if (chooses) {
      Choices.choose(engine, sequence, row);
    }
  }

  /**
   * Sees to it that each sequence has a page for its next token.
   *
   * @return false where that has to wait
   */
  private boolean reserveForStep() {
    for (int i = 0; i < active.size(); i++) {
      Sequence sequence = active.get(i);
      if (!sequence.cache.reserve(sequence.cached + 1)) {
        if (!makeRoom()) {
          return false;
        }
        // From the beginning: the one that gave up its pages may be any of them.
        i = -1;
      }
    }
    return true;
  }

  /**
   * Has a sequence give up its pages; not the only one, which waits for who visits the cache.
   *
   * @return whether one did
   */
  private boolean makeRoom() {
    if (running() == 1 && cache.hasVisitors()) {
      return false;
    }
    suspendOne();
    return true;
  }

  /** Puts the newest of the least urgent sequences back in the queue. */
  private void suspendOne() {
    Sequence victim = prefilling;
    for (Sequence sequence : active) {
      if (victim == null
          || sequence.request.priority() < victim.request.priority()
          || (sequence.request.priority() == victim.request.priority()
              && sequence.begunAt > victim.begunAt)) {
        victim = sequence;
      }
    }
    if (victim == null || running() == 1) {
      throw new IllegalStateException("a cache of one context has no room for one sequence");
    }
    suspensions++;
    victim.suspend();
    queue.putBack(victim);
    active.remove(victim);
    if (victim == prefilling) {
      prefilling = null;
    }
    cacheIsShort = true;
    admitsNone = false;
  }

  private void retireFinished() {
    for (Iterator<Sequence> iterator = active.iterator(); iterator.hasNext(); ) {
      Sequence sequence = iterator.next();
      if (sequence.finish != null) {
        sequence.dropDrafts();
        sequence.release();
        cacheIsShort = false;
        admitsNone = false;
        iterator.remove();
        sequence.end();
      }
    }
  }

  /** Texts that are being written, or whose prompts are being read. */
  public int running() {
    return active.size() + (prefilling == null ? 0 : 1);
  }

  /** How often a sequence gave up its pages, to begin again later. */
  public long suspensions() {
    return suspensions;
  }

  /** Times and counts of the last {@link #run}, all sequences together. */
  public DecodeTimes times() {
    return tally.times();
  }
}
