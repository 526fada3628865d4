package org.resa4j.generate;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.CachedSequence;

/** One text in the making: its tokens and drafts, and how far the cache has come. */
final class Sequence {
  final DecodeRequest request;
  final ResaConfig config;
  final Sampler sampler;
  final Algorithm1 algorithm;
  final Optional<Drafting> drafting;
  final boolean measuresDrift;

  /** Null where nobody asked for a trace. */
  final Tracing tracing;

  final CompletableFuture<DecodeResult> result = new CompletableFuture<>();
  final Tally tally = new Tally();

  /** Its place in the order in which sequences began, from 1; 0 before. */
  long begunAt;

  /** How many sequences had begun when the request came. */
  final long begunBefore;

  private final int capacity;
  private final int mostVerified;
  private int[] tokens;
  private int length;
  private int drafted;

  /** Its pages, while it is being worked on. */
  CachedSequence cache;

  /** Its first tokens that are cached. */
  int cached;

  /** Its first tokens that a dense pass is to cache before it can be stepped. */
  int encodeTo;

  Rectification rectification = Rectification.NONE;
  FinishReason finish;
  int cachedTokens;
  long blocksKept;
  long blocksSeen;
  private final long requestedAt;
  private final long mostNanos;
  private long queueNanos;
  long firstTokenNanos;

  /**
   * @param capacity tokens of prompt and text at the most
   * @param mostVerified tokens of a draft's window at the most
   * @param begunBefore how many sequences had begun when the request came
   * @param requestedAt when that was, by {@link System#nanoTime}
   */
  Sequence(
      DecodeRequest request,
      int vocabulary,
      int capacity,
      int mostVerified,
      DraftCosts costs,
      long begunBefore,
      long requestedAt) {
    this.capacity = capacity;
    this.mostVerified = mostVerified;
    this.begunBefore = begunBefore;
    this.requestedAt = requestedAt;
    mostNanos = request.maxTime().map(TimeUnit.NANOSECONDS::convert).orElse(Long.MAX_VALUE);
    this.request = request;
    config = request.config();
    sampler =
        new Sampler(request.sampling(), request.logProbabilities(), request.filter(), vocabulary);
    algorithm = new Algorithm1(config);
    drafting = config.exact().map(draft -> new Drafting(draft, costs));
    tracing = request.trace().map(Tracing::new).orElse(null);
    measuresDrift = request.measureDrift() || algorithm.followsDrift();
    tokens = request.prompt();
    length = tokens.length;
    encodeTo = length;
    for (int token : tokens) {
      sampler.sawInPrompt(token);
    }
  }

  int promptLength() {
    return request.prompt().length;
  }

  /** Its turn has come, again perhaps; until then it takes no more memory than its prompt does. */
  void begin(CachedSequence pages) {
    if (tokens.length < capacity) {
      queueNanos = nanosSinceRequest();
      tokens = Arrays.copyOf(tokens, capacity);
      cachedTokens = pages.dense();
    }
    cache = pages;
    cached = pages.dense();
  }

  /**
   * It gives its pages up, and will begin again: a dense pass caches what one had cached, and steps
   * the rest, with the tokens that are known, so that the text goes on as if nothing had happened.
   */
  void suspend() {
    dropDrafts();
    if (cached >= encodeTo) {
      int dense = cache.dense();
      algorithm.restart(cached - dense);
      encodeTo = dense;
    }
    release();
  }

  void release() {
    if (cache != null) {
      cache.release();
      cache = null;
      cached = 0;
    }
  }

  boolean hasBegun() {
    return begunAt > 0;
  }

  boolean isCancelled() {
    return request.cancellation().isCancelled();
  }

  /** Whether its time is up. */
  boolean isOverdue() {
    return nanosSinceRequest() >= mostNanos;
  }

  long nanosSinceRequest() {
    return System.nanoTime() - requestedAt;
  }

  /** Whether a dense pass has still to cache what it begins with. */
  boolean isPrefilling() {
    return cached < encodeTo;
  }

  /** Tokens chosen so far. The last of them is not in the cache yet. */
  int generated() {
    return length - promptLength();
  }

  /** Tokens of prompt and text. */
  int length() {
    return length;
  }

  /** Tokens of prompt and text, then drafts. */
  int[] tokens() {
    return tokens;
  }

  int lastToken() {
    return tokens[length - 1];
  }

  boolean isFull() {
    return length == capacity;
  }

  void append(int token) {
    tokens[length++] = token;
    sampler.saw(token);
  }

  /** The tokens that are drafted and stand behind the text. */
  int[] drafted() {
    return Arrays.copyOfRange(tokens, length, length + drafted);
  }

  /** How many they are. */
  int draftedTokens() {
    return drafted;
  }

  /** Whether exact mode has its next step draft. */
  boolean drafts() {
    return drafting.isPresent() && window() > 1;
  }

  /** f of exact mode, as far as the text may go on; 1 where a step is dense in any case. */
  private int window() {
    if (drafted == 0 && !isSparse(length - 1)) {
      return 1;
    }
    return Math.min(Math.min(mostVerified, drafting.orElseThrow().window()), capacity - length);
  }

  /** Whether its window is to be rectified, or verified, before its next step. */
  boolean isDue() {
    if (drafting.isEmpty()) {
      return algorithm.rectificationIsDue();
    }
    return drafted > 0
        && (drafted >= window() - 1 || request.stopTokens().contains(tokens[length + drafted - 1]));
  }

  /** A dense pass, or what comes to the same, has cached so many of its first tokens. */
  void cachedDensely(int count) {
    cached = count;
    cache.markDense(tokens, count);
  }

  void appendDraft(int token) {
    tokens[length + drafted++] = token;
    sampler.saw(token);
  }

  /** Drops what was drafted; the cache has it still, past the tokens that count. */
  void dropDrafts() {
    while (drafted > 0) {
      sampler.unsaw(tokens[length + --drafted]);
    }
    cached = Math.min(cached, length - 1);
  }

  /** Whether the next step feeds a token that what comes after is not known of. */
  boolean feedsLast() {
    return cached == length + drafted - 1;
  }

  /** Whether a step at a position leaves blocks out. */
  boolean isSparse(int position) {
    return config.keepBlocks(position + 1) < config.blocks(position + 1);
  }

  /** Ends it and tells who waits for it. */
  void end() {
    if (!hasBegun()) {
      queueNanos = nanosSinceRequest();
    }
    result.complete(
        new DecodeResult(
            Arrays.copyOfRange(tokens, promptLength(), length),
            finish,
            cachedTokens,
            queueNanos,
            firstTokenNanos,
            tally.times(),
            blocksKept,
            blocksSeen,
            rectification,
            drafting.map(Drafting::verifications).orElse(Verifications.NONE)));
  }
}
