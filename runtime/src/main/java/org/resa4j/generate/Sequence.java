package org.resa4j.generate;

import java.util.Arrays;
import java.util.Set;
import org.resa4j.attention.ResaConfig;

/** One text in the making: its tokens, and how far the cache and rectification have come. */
final class Sequence {
  final int index;
  final ResaConfig config;
  final Sampler sampler;
  final Set<Integer> stopTokens;
  final TokenListener listener;
  final RectifyInterval interval;
  final boolean measuresDrift;

  private final int[] prompt;
  private final int[] tokens;
  private int length;

  /** Where it is cached, while active. */
  Slot slot;

  /** Whether a token was decoded sparsely since the cache was last as dense encoding leaves it. */
  boolean drifted;

  /** Generated tokens in the cache when the window that is next to be rectified began. */
  int windowStart;

  Rectification rectification = Rectification.NONE;
  FinishReason finish;
  long blocksKept;
  long blocksSeen;
  long firstTokenNanos;

  Sequence(int index, DecodeRequest request, Sampler sampler, int capacity) {
    this.index = index;
    config = request.config();
    stopTokens = request.stopTokens();
    listener = request.listener();
    interval = new RectifyInterval(config);
    measuresDrift = request.measureDrift() || interval.followsDrift();
    this.sampler = sampler;
    prompt = request.prompt();
    tokens = Arrays.copyOf(prompt, capacity);
    length = prompt.length;
  }

  int[] prompt() {
    return prompt;
  }

  int promptLength() {
    return prompt.length;
  }

  /** Tokens chosen so far. The last of them is not in the cache yet. */
  int generated() {
    return length - prompt.length;
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

  int capacityLeft() {
    return tokens.length - length;
  }

  void append(int token) {
    tokens[length++] = token;
  }

  DecodeResult result() {
    return new DecodeResult(
        Arrays.copyOfRange(tokens, prompt.length, length),
        finish == null ? FinishReason.CANCELLED : finish,
        firstTokenNanos,
        blocksKept,
        blocksSeen,
        rectification);
  }
}
