package org.resa4j.eval;

import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.Usage;
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
  }

  /** A task under a setting. */
  private record Job(Prepared prepared, Setting setting) {
    Outcome outcome(Generation written) {
      Task task = prepared.task;
      Usage usage = written.usage();
      return new Outcome(
          task.id(),
          task.family(),
          setting.name(),
          written.text(),
          written.finish(),
          task.checker().check(written.text()),
          usage.promptTokens(),
          usage.generatedTokens(),
          usage.rectification(),
          usage.blocksKept(),
          usage.blocksSeen());
    }
  }

  private final Resa resa;
  private final GenerationOptions options;

  /**
   * @param options sampling and ends of texts; tokens and attention are the tasks' and settings'
   */
  Evaluation(Resa resa, GenerationOptions options) {
    this.resa = resa;
    this.options = options;
  }

  /**
   * Runs all tasks under all settings but for those that are done.
   *
   * @param settings of the engine's block size
   */
  void run(List<Prepared> tasks, List<Setting> settings, Set<Outcome.Key> done, Listener listener) {
    BlockingQueue<CompletableFuture<Outcome>> ended = new LinkedBlockingQueue<>();
    int submitted = 0;
    // Setting by setting: the other settings of a prompt follow in its slot.
    for (Setting setting : settings) {
      for (Prepared prepared : tasks) {
        if (!done.contains(new Outcome.Key(prepared.task.id(), setting.name()))) {
          submitted++;
          submit(new Job(prepared, setting), ended);
        }
      }
    }
    try {
      for (int i = 0; i < submitted; i++) {
        listener.onOutcome(ended.take().join());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void submit(Job job, BlockingQueue<CompletableFuture<Outcome>> ended) {
    CompletableFuture<Outcome> outcome =
        resa.submit(
                new GenerationRequest(
                    Prompt.tokens(job.prepared.prompt),
                    options
                        .withMaxTokens(job.prepared.maxTokens)
                        .withAttention(job.setting.config())
                        .withSampling(sampling(job.prepared.task))
                        .withMeasureDrift(true)))
            .result()
            .thenApply(job::outcome);
    outcome.whenComplete((done, failure) -> ended.add(outcome));
  }

  /** A task's own seed, the same under every setting and in any order of the tasks. */
  private Sampling sampling(Task task) {
    return options.sampling().withSeed(31 * options.sampling().seed() + task.id().hashCode());
  }
}
