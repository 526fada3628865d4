package org.resa4j.spark;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.error.BusyException;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.ModelChangedException;

/**
 * The rows of a partition with their texts, in order. Some rows ahead are being written already, so
 * that the engine has what it can write at once.
 */
final class PartitionTexts implements Iterator<Row> {
  private static final long LOOK_UP_MILLIS = 200;

  /** So that the next texts are there when some end together. */
  private static final int AHEAD = 2;

  private final Iterator<Row> rows;
  private final RowPrompts prompts;
  private final boolean hasErrors;
  private final TaskContext task;
  private final Shared<EngineKey, Resa>.Lease engine;
  private final GenerationOptions options;
  private final int most;
  private final Deque<InTheMaking> ahead = new ArrayDeque<>();

  /** Read, but not taken by the engine, which was busy. */
  private Row waiting;

  /**
   * A row, and its text or what is wrong with it.
   *
   * @param text null where there is an error
   * @param error null where there is a text
   */
  private record InTheMaking(Row row, GenerationHandle text, String error) {}

  private PartitionTexts(
      Iterator<Row> rows,
      RowPrompts prompts,
      BatchOptions batch,
      TaskContext task,
      Shared<EngineKey, Resa>.Lease engine) {
    this.rows = rows;
    this.prompts = prompts;
    hasErrors = batch.errorColumn().isPresent();
    this.task = task;
    this.engine = engine;
    Resa resa = engine.get();
    options = batch.generation().apply(resa.defaults());
    most = AHEAD * resa.info().engine().options().sequences();
  }

  /** Within a task. What is being written ends with the task, and its hold of the engine too. */
  static Iterator<Row> of(Iterator<Row> rows, RowPrompts prompts, BatchOptions batch) {
    if (!rows.hasNext()) {
      return rows;
    }
    TaskContext task = TaskContext.get();
    Shared<EngineKey, Resa>.Lease engine = ExecutorEngines.of(task, batch);
    // Listeners run in the reverse order: texts end before the hold does.
    task.addTaskCompletionListener((TaskCompletionListener) ended -> engine.close());
    PartitionTexts texts = new PartitionTexts(rows, prompts, batch, task, engine);
    task.addTaskCompletionListener((TaskCompletionListener) ended -> texts.cancel());
    return texts;
  }

  private void cancel() {
    for (InTheMaking each : ahead) {
      if (each.text != null) {
        each.text.cancel();
      }
    }
  }

  @Override
  public boolean hasNext() {
    return !ahead.isEmpty() || waiting != null || rows.hasNext();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the partition has ended");
    }
    readAhead();
    while (ahead.isEmpty()) {
      // Texts of other tasks fill the queue.
      pause();
      readAhead();
    }
    // It stays among those that end with the task until it is whole.
    InTheMaking first = ahead.getFirst();
    Row row =
        first.text == null
            ? TextColumns.failed(first.row, first.error)
            : TextColumns.written(first.row, await(first.text), hasErrors);
    ahead.removeFirst();
    return row;
  }

  private void readAhead() {
    while (ahead.size() < most && (waiting != null || rows.hasNext())) {
      Row row = waiting == null ? rows.next() : waiting;
      waiting = null;
      try {
        ahead.addLast(new InTheMaking(row, submit(row), null));
      } catch (BusyException e) {
        waiting = row;
        return;
      } catch (ModelChangedException e) {
        engine.discard();
        throw e;
      } catch (InputException e) {
        if (!hasErrors) {
          throw e;
        }
        ahead.addLast(new InTheMaking(row, null, e.getMessage()));
      }
    }
  }

  private GenerationHandle submit(Row row) {
    Prompt prompt = prompts.prompt(row);
    long seed = prompts.seed(row, prompt, options.sampling().seed());
    return engine
        .get()
        .submit(
            new GenerationRequest(prompt, options.withSampling(options.sampling().withSeed(seed))));
  }

  /** Looks up now and then whether Spark wants the task to end. */
  private Generation await(GenerationHandle text) {
    while (true) {
      task.killTaskIfInterrupted();
      try {
        return text.result().get(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        continue;
      } catch (InterruptedException e) {
        text.cancel();
        throw interrupted(e);
      } catch (ExecutionException e) {
        // A device that failed may be of no use any more: the next attempt opens another engine.
        if (e.getCause() instanceof DeviceException) {
          engine.discard();
        }
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      }
    }
  }

  private void pause() {
    task.killTaskIfInterrupted();
    try {
      Thread.sleep(LOOK_UP_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private RuntimeException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    task.killTaskIfInterrupted();
    return new IllegalStateException("interrupted while a text was being written", e);
  }
}
