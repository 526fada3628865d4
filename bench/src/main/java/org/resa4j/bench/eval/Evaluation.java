package org.resa4j.bench.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.TextStream;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Sampling;
import org.resa4j.tokenizer.StopStrings;
import org.resa4j.tokenizer.StreamDecoder;

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

  /** Hears what comes of a task; on the thread that decodes. */
  interface Listener {
    void onOutcome(Outcome outcome);
  }

  /** A task under a setting, and the text as far as it has come. */
  private record Job(Prepared prepared, Setting setting, TextStream text) {
    Outcome outcome(DecodeResult result) {
      String written = text.finish();
      Task task = prepared.task;
      return new Outcome(
          task.id(),
          task.family(),
          setting.name(),
          written,
          result.finish(),
          task.checker().check(written),
          prepared.prompt.length,
          result.tokens().length,
          result.rectification(),
          result.blocksKept(),
          result.blocksSeen());
    }
  }

  private final Resa resa;
  private final GenerationOptions options;
  private final Set<Integer> stopTokens;

  /**
   * @param options sampling and ends of texts; tokens and attention are the tasks' and settings'
   */
  Evaluation(Resa resa, GenerationOptions options) {
    this.resa = resa;
    this.options = options;
    stopTokens = options.stopAtEndOfText() ? resa.model().config().endOfText() : Set.of();
  }

  /**
   * Runs all tasks under all settings but for those that are done.
   *
   * @param settings of the engine's block size
   */
  void run(List<Prepared> tasks, List<Setting> settings, Set<Outcome.Key> done, Listener listener) {
    List<Job> jobs = new ArrayList<>();
    // Setting by setting: the loop lets the other settings of a prompt follow in its slot.
    for (Setting setting : settings) {
      for (Prepared prepared : tasks) {
        if (!done.contains(new Outcome.Key(prepared.task.id(), setting.name()))) {
          TextStream text =
              new TextStream(
                  new StreamDecoder(resa.tokenizer(), false),
                  new StopStrings(options.stopStrings()),
                  part -> {});
          jobs.add(new Job(prepared, setting, text));
        }
      }
    }
    List<DecodeRequest> requests = jobs.stream().map(this::request).collect(Collectors.toList());
    resa.decode(
        requests,
        new Cancellation(),
        (index, result) -> listener.onOutcome(jobs.get(index).outcome(result)));
  }

  private DecodeRequest request(Job job) {
    return new DecodeRequest(
        job.prepared.prompt,
        job.prepared.maxTokens,
        job.setting.config(),
        sampling(job.prepared.task),
        stopTokens,
        job.text::onToken,
        true);
  }

  /** A task's own seed, the same under every setting and in any order of the tasks. */
  private Sampling sampling(Task task) {
    Sampling base = options.sampling();
    return new Sampling(
        base.temperature(), base.topK(), base.topP(), 31 * base.seed() + task.id().hashCode());
  }
}
