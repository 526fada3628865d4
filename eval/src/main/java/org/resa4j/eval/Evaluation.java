package org.resa4j.eval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.Usage;
import org.resa4j.eval.exact.DenseCheck;
import org.resa4j.eval.task.Task;
import org.resa4j.generate.Sampling;

/**
 * Runs tasks under settings of one block size, as many at once as the engine holds, and hands on
 * what comes of each when it has ended.
 */
final class Evaluation {
  /**
   * A task, ready to be run.
   *
   * @param task the task
   * @param prompt its tokens
   * @param maxTokens the most tokens to write
   */
  record Prepared(Task task, int[] prompt, int maxTokens) {}

  /** Hears what comes of a task; of one after the other. */
  interface Listener {
    void onOutcome(Outcome outcome);

    void onTiming(Timing timing);
  }

  /** A task under a setting. */
  private record Job(Prepared prepared, Setting setting, OptionalLong seed) {
    Outcome.Key key() {
      return new Outcome.Key(prepared.task.id(), setting.name(), seed);
    }

    /** What is timed together. */
    List<String> group() {
      return List.of(setting.name(), prepared.task.family());
    }
  }

  /** A job that was done. */
  private record Done(Job job, Outcome outcome, long prefillNanos) {
    static Done of(Job job, Generation written) {
      Task task = job.prepared.task;
      Usage usage = written.usage();
      return new Done(
          job,
          new Outcome(
              task.id(),
              task.family(),
              job.setting.name(),
              job.seed,
              written.text(),
              written.tokens().stream().map(token -> token.id()).toList(),
              written.finish(),
              task.checker().check(written.text()),
              usage.promptTokens(),
              usage.generatedTokens(),
              usage.rectification(),
              usage.times().steps(),
              usage.blocksKept(),
              usage.blocksSeen(),
              usage.verifications(),
              Optional.empty()),
          usage.times().prefillNanos());
    }
  }

  private final Resa resa;
  private final GenerationOptions options;
  private final boolean timed;
  private final DenseCheck check;
  private final Map<Outcome.Key, List<Integer>> denseTexts = new HashMap<>();

  /**
   * @param options sampling and ends of texts; tokens and attention are the tasks' and settings'
   * @param timed whether to take the time: each family and setting is then run by itself, and drift
   *     is not measured, which would make rectification dearer than it is
   */
  Evaluation(Resa resa, GenerationOptions options, boolean timed) {
    this.resa = resa;
    this.options = options;
    this.timed = timed;
    check = new DenseCheck(resa);
  }

  /**
   * Runs all tasks under all settings but for those that are done.
   *
   * @param settings of the engine's block size
   * @param seeds each task is run with each of them; none leaves the options' own
   * @param done of this run, dense decoding's with other blocks too: exact mode's texts are
   *     compared with them
   */
  void run(
      List<Prepared> tasks,
      List<Setting> settings,
      List<Long> seeds,
      List<Outcome> done,
      Listener listener) {
    Map<Outcome.Key, Outcome> there =
        done.stream().collect(Collectors.toMap(Outcome::key, outcome -> outcome));
    done.forEach(this::remember);
    List<Job> jobs = new ArrayList<>();
    // Setting by setting: the other settings of a prompt find it in the cache.
    for (Setting setting : settings) {
      for (Prepared prepared : tasks) {
        for (OptionalLong seed : each(seeds)) {
          Job job = new Job(prepared, setting, seed);
          if (!there.containsKey(job.key())) {
            jobs.add(job);
          }
        }
      }
    }
    try {
      for (List<Job> batch : batches(jobs)) {
        run(batch, listener);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static List<OptionalLong> each(List<Long> seeds) {
    return seeds.isEmpty()
        ? List.of(OptionalLong.empty())
        : seeds.stream().map(OptionalLong::of).toList();
  }

  private Collection<List<Job>> batches(List<Job> jobs) {
    return timed
        ? jobs.stream()
            .collect(Collectors.groupingBy(Job::group, LinkedHashMap::new, Collectors.toList()))
            .values()
        : List.of(jobs);
  }

  private void remember(Outcome outcome) {
    if (outcome.setting().equals(Setting.DENSE)) {
      denseTexts.put(outcome.key(), outcome.tokens());
    }
  }

  private void run(List<Job> batch, Listener listener) throws InterruptedException {
    BlockingQueue<CompletableFuture<Done>> ended = new LinkedBlockingQueue<>();
    long began = System.nanoTime();
    batch.forEach(job -> submit(job, ended));
    long prefill = 0;
    long tokens = 0;
    List<Done> parted = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Done done = ended.take().join();
      prefill += done.prefillNanos;
      tokens += done.outcome.generated() - 1;
      remember(done.outcome);
      if (difference(done).isPresent()) {
        // Asked about when the time has been taken.
        parted.add(done);
      } else {
        listener.onOutcome(done.outcome);
      }
    }
    // One prompt is encoded at a time, so that their times add up.
    long took = Math.max(0, System.nanoTime() - began - prefill);
    for (Done done : parted) {
      listener.onOutcome(withParting(done));
    }
    if (timed) {
      Job first = batch.getFirst();
      listener.onTiming(
          new Timing(first.prepared.task.family(), first.setting.name(), took / 1e9, tokens));
    }
  }

  /** Where a text of exact mode leaves dense decoding's, as far as that is known. */
  private Optional<Integer> difference(Done done) {
    List<Integer> dense = denseTexts.getOrDefault(done.outcome.key().dense(), List.of());
    return !done.job.setting.isExact() || dense.isEmpty()
        ? Optional.empty()
        : DenseCheck.firstDifference(dense, done.outcome.tokens());
  }

  private Outcome withParting(Done done) {
    return done.outcome.withParting(
        check
            .part(
                done.job.prepared.prompt,
                denseTexts.get(done.outcome.key().dense()),
                done.outcome.tokens(),
                difference(done).orElseThrow(),
                sampling(done.job))
            .join());
  }

  private void submit(Job job, BlockingQueue<CompletableFuture<Done>> ended) {
    CompletableFuture<Done> done =
        resa.submit(
                new GenerationRequest(
                    Prompt.tokens(job.prepared.prompt),
                    options
                        .withMaxTokens(job.prepared.maxTokens)
                        .withAttention(job.setting.config())
                        .withSampling(sampling(job))
                        .withMeasureDrift(!timed && job.setting.config().rectifyKeep() == 1)))
            .result()
            .thenApply(written -> Done.of(job, written));
    done.whenComplete((written, failure) -> ended.add(done));
  }

  /** A task's own seed, the same under every setting and in any order of the tasks. */
  private Sampling sampling(Job job) {
    long seed = job.seed.orElse(options.sampling().seed());
    return options.sampling().withSeed(31 * seed + job.prepared.task.id().hashCode());
  }
}
