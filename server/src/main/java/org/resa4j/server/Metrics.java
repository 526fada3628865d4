package org.resa4j.server;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.resa4j.EngineLoad;
import org.resa4j.Generation;
import org.resa4j.Usage;
import org.resa4j.generate.FinishReason;

/** What is counted, in Prometheus' text format. Thread-safe. */
final class Metrics {
  private static final double NANOS = 1e-9;

  /** How a request ended. */
  enum Outcome {
    OK,
    INVALID,
    UNAUTHORIZED,
    BUSY,
    FAILED,
    CLIENT_GONE,
    CLOSED
  }

  private final Map<Outcome, LongAdder> requests = adders(Outcome.class);
  private final Map<FinishReason, LongAdder> texts = adders(FinishReason.class);
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder cachedTokens = new LongAdder();
  private final LongAdder generatedTokens = new LongAdder();
  private final LongAdder drafted = new LongAdder();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder rectifications = new LongAdder();
  private final LongAdder rectifyNanos = new LongAdder();
  private final LongAdder blocksKept = new LongAdder();
  private final LongAdder blocksSeen = new LongAdder();
  private final Histogram firstToken = new Histogram();
  private final Histogram gaps = new Histogram();
  private final Histogram queued = new Histogram();
  private final LongAdder ended = new LongAdder();
  private final LongAdder endedNanos = new LongAdder();

  private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
    Map<E, LongAdder> adders = new EnumMap<>(type);
    Arrays.stream(type.getEnumConstants()).forEach(each -> adders.put(each, new LongAdder()));
    return adders;
  }

  void request(Outcome outcome) {
    requests.get(outcome).increment();
  }

  /** A text's first token has come. */
  void firstToken(long nanosSinceRequest) {
    generatedTokens.increment();
    firstToken.add(nanosSinceRequest);
  }

  /** Another token has come. */
  void token(long nanosSinceTheLast) {
    generatedTokens.increment();
    gaps.add(nanosSinceTheLast);
  }

  /** A text has ended. */
  void text(Generation text, long nanos) {
    texts.get(text.finish()).increment();
    Usage usage = text.usage();
    promptTokens.add(usage.promptTokens());
    cachedTokens.add(usage.cachedTokens());
    drafted.add(usage.verifications().drafted());
    accepted.add(usage.verifications().accepted());
    rectifications.add(usage.times().rectifications());
    rectifyNanos.add(usage.times().rectifyNanos());
    blocksKept.add(usage.blocksKept());
    blocksSeen.add(usage.blocksSeen());
    queued.add(usage.queueNanos());
    ended.increment();
    endedNanos.add(nanos);
  }

  /** What a text takes on average, in seconds from 1 to 60: when to ask again. */
  int textSeconds() {
    double mean = ended.sum() == 0 ? 0 : endedNanos.sum() * NANOS / ended.sum();
    return (int) Math.clamp(Math.ceil(mean), 1, 60);
  }

  /** All of it. */
  String write(EngineLoad load) {
    StringBuilder to = new StringBuilder();
    type(to, "resa_requests_total", "counter", "Requests by outcome.");
    requests.forEach(
        (outcome, count) -> labelled(to, "resa_requests_total", "outcome", outcome, count));
    type(to, "resa_texts_total", "counter", "Texts by how they ended.");
    texts.forEach((finish, count) -> labelled(to, "resa_texts_total", "finish", finish, count));
    gauge(to, "resa_texts_running", "Texts being written.", load.running());
    gauge(to, "resa_texts_waiting", "Texts that wait for their turn.", load.waiting());
    gauge(to, "resa_cache_pages", "Pages of the KV cache.", load.pages());
    gauge(to, "resa_cache_pages_held", "Pages that running texts hold.", load.heldPages());
    gauge(to, "resa_cache_pages_used", "Pages that hold something.", load.usedPages());
    counter(to, "resa_prompt_tokens_total", "Tokens of prompts.", promptTokens);
    counter(to, "resa_cached_tokens_total", "Those that were cached already.", cachedTokens);
    counter(to, "resa_generated_tokens_total", "Tokens written.", generatedTokens);
    counter(to, "resa_drafted_tokens_total", "Tokens that exact mode drafted.", drafted);
    counter(to, "resa_accepted_tokens_total", "Drafts that dense passes chose too.", accepted);
    counter(to, "resa_rectifications_total", "Windows encoded again.", rectifications);
    type(to, "resa_rectify_seconds_total", "counter", "Time for that, of each text its own.");
    to.append(
        String.format(
            Locale.ROOT, "resa_rectify_seconds_total %.6f\n", rectifyNanos.sum() * NANOS));
    counter(to, "resa_blocks_kept_total", "Blocks of the cache attended to.", blocksKept);
    counter(to, "resa_blocks_seen_total", "Blocks that there were.", blocksSeen);
    histogram(to, "resa_time_to_first_token_seconds", "From request to first token.", firstToken);
    histogram(to, "resa_time_between_tokens_seconds", "From token to token.", gaps);
    histogram(to, "resa_queue_seconds", "From request to the begin of its prompt.", queued);
    return to.toString();
  }

  private static void type(StringBuilder to, String name, String type, String help) {
    to.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private static void labelled(
      StringBuilder to, String name, String label, Enum<?> value, LongAdder count) {
    to.append(
        "%s{%s=\"%s\"} %d\n"
            .formatted(name, label, value.name().toLowerCase(Locale.ROOT), count.sum()));
  }

  private static void gauge(StringBuilder to, String name, String help, int value) {
    type(to, name, "gauge", help);
    to.append("%s %d\n".formatted(name, value));
  }

  private static void counter(StringBuilder to, String name, String help, LongAdder value) {
    type(to, name, "counter", help);
    to.append("%s %d\n".formatted(name, value.sum()));
  }

  private static void histogram(StringBuilder to, String name, String help, Histogram values) {
    type(to, name, "histogram", help);
    values.write(name, to);
  }
}
