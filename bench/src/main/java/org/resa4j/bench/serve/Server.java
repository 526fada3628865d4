package org.resa4j.bench.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.Scheduler;
import org.resa4j.generate.Verifications;

/**
 * A scheduler as a server has it, with an empty cache to begin with: takes requests as they come,
 * works while there is work, else sleeps. Texts are greedy and have the length that was asked for.
 *
 * <p>Not thread-safe.
 */
final class Server {
  private final Scheduler scheduler;
  private final ResaConfig config;
  private final List<CompletableFuture<DecodeResult>> results = new ArrayList<>();
  private long ticks;
  private long busy;
  private int inFlight;

  Server(Engine engine, int vocabulary, ResaConfig config) {
    scheduler = new Scheduler(engine, vocabulary);
    this.config = config;
  }

  /**
   * What came of some requests.
   *
   * @param texts in the order of the requests
   * @param busy time in the scheduler, in nanoseconds
   * @param wall from the first request to the end of the last text
   * @param verifications what exact mode drafted and verified
   */
  record Served(List<WrittenText> texts, long busy, long wall, Verifications verifications) {
    Served {
      texts = List.copyOf(texts);
    }

    /** Tokens of all texts. */
    long tokens() {
      return texts.stream().mapToLong(WrittenText::length).sum();
    }
  }

  /**
   * Serves requests as they come.
   *
   * @param most requests at work at once; the others wait, and their time runs
   */
  Served serve(List<Arrival> arrivals, int most) {
    List<WrittenText> texts = new ArrayList<>();
    long busyBefore = busy;
    long begin = System.nanoTime();
    while (texts.size() < arrivals.size() || inFlight > 0) {
      while (texts.size() < arrivals.size() && inFlight < most) {
        Arrival next = arrivals.get(texts.size());
        if (System.nanoTime() - begin < next.at()) {
          break;
        }
        texts.add(submit(next, begin + next.at(), new Cancellation()));
      }
      if (inFlight == 0) {
        long due = begin + arrivals.get(texts.size()).at();
        LockSupport.parkNanos(due - System.nanoTime());
      } else {
        tick();
      }
    }
    long wall = System.nanoTime() - begin;
    return new Served(texts, busy - busyBefore, wall, ended());
  }

  /**
   * Takes a request.
   *
   * @param arrived when it came, by {@link System#nanoTime}
   * @return fills as the scheduler works
   */
  WrittenText submit(Arrival request, long arrived, Cancellation cancellation) {
    WrittenText text = new WrittenText(request.prompt(), arrived);
    DecodeRequest asked =
        new DecodeRequest(
            request.prompt(),
            request.tokens(),
            config,
            Sampling.GREEDY,
            Set.of(),
            (token, last) -> {
              text.add(token.id(), ticks, System.nanoTime());
              return true;
            },
            false,
            OptionalInt.empty(),
            0,
            Optional.empty(),
            cancellation);
    CompletableFuture<DecodeResult> result = scheduler.submit(asked, arrived);
    inFlight++;
    result.whenComplete((done, failure) -> inFlight--);
    results.add(result);
    return text;
  }

  /** One call of the scheduler. */
  void tick() {
    long start = System.nanoTime();
    scheduler.tick();
    busy += System.nanoTime() - start;
    ticks++;
  }

  /** Works until nothing is left to do. */
  void finish() {
    while (inFlight > 0) {
      tick();
    }
    ended();
  }

  /** What was drafted and verified in the texts that have ended; throws what one of them threw. */
  private Verifications ended() {
    try {
      Verifications sum =
          results.stream()
              .map(result -> result.join().verifications())
              .reduce(Verifications.NONE, Verifications::plus);
      results.clear();
      return sum;
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
