package org.resa4j.generate;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.resa4j.attention.ResaConfig;

/** One text in the making: its tokens, and how far the cache and rectification have come. */
final class Sequence {
  final DecodeRequest request;
  final ResaConfig config;
  final Sampler sampler;
  final RectifyInterval interval;
  final boolean measuresDrift;
  final CompletableFuture<DecodeResult> result = new CompletableFuture<>();
  final Tally tally = new Tally();
  final long begunBefore;

  private final int capacity;
  private int[] tokens;
  private int length;

  /** Where it is cached, while active. */
  Slot slot;

  /** Whether a token was decoded sparsely since the cache was last as dense encoding leaves it. */
  boolean drifted;

  /** Generated tokens in the cache when the window that is next to be rectified began. */
  int windowStart;

  Rectification rectification = Rectification.NONE;
  FinishReason finish;
  int cachedTokens;

  /** Tokens of the prompt that are cached, while it is encoded. */
  int encoded;

  long blocksKept;
  long blocksSeen;
  private final long requestedAt;
  long queueNanos;
  long firstTokenNanos;

  /**
   * @param capacity tokens of prompt and text at the most
   * @param begunBefore how many sequences had begun when the request came
   * @param requestedAt when that was, by {@link System#nanoTime}
   */
  Sequence(
      DecodeRequest request, Sampler sampler, int capacity, long begunBefore, long requestedAt) {
    this.capacity = capacity;
    this.begunBefore = begunBefore;
    this.requestedAt = requestedAt;
    this.request = request;
    this.sampler = sampler;
    config = request.config();
    interval = new RectifyInterval(config);
    measuresDrift = request.measureDrift() || interval.followsDrift();
    tokens = request.prompt();
    length = request.prompt().length;
    for (int token : request.prompt()) {
      sampler.saw(token);
    }
  }

  int[] prompt() {
    return request.prompt();
  }

  int promptLength() {
    return request.prompt().length;
  }

  /** Its turn has come; until then it takes no more memory than its prompt does. */
  void begin() {
    queueNanos = nanosSinceRequest();
    tokens = Arrays.copyOf(tokens, capacity);
  }

  boolean isCancelled() {
    return request.cancellation().isCancelled();
  }

  long nanosSinceRequest() {
    return System.nanoTime() - requestedAt;
  }

  /** Tokens chosen so far. The last of them is not in the cache yet. */
  int generated() {
    return length - promptLength();
  }

  /** Whether the window that is next to be rectified is full. */
  boolean windowIsFull() {
    return interval.tokens() > 0 && generated() - 1 - windowStart == interval.tokens();
  }

  /** Position at which the last token will be cached. */
  int lastPosition() {
    return length - 1;
  }

  int lastToken() {
    return tokens[length - 1];
  }

  int[] tokens() {
    return tokens;
  }

  boolean isFull() {
    return length == capacity;
  }

  void append(int token) {
    tokens[length++] = token;
    sampler.saw(token);
  }

  /** Ends it and tells who waits for it. */
  void end() {
    if (slot == null) {
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
            rectification));
  }
}
