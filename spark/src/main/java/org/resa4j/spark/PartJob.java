package org.resa4j.spark;

import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.resa4j.cli.UsageException;
import org.resa4j.error.DeviceException;
import org.resa4j.error.ModelChangedException;
import org.resa4j.error.ResaException;
import org.resa4j.eval.EvalAnswer;
import org.resa4j.eval.EvalPart;
import org.resa4j.eval.EvalWork;
import org.resa4j.eval.EvalWorker;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** One job: each part is a partition, and Spark tells of each that has succeeded once. */
final class PartJob {
  private static final Duration IDLE = Duration.ofMinutes(2);

  // Spark gives tasks of one process no other place in common.
  private static final Shared<Key, EvalWorker> WORKERS = new Shared<>(IDLE);

  /**
   * Tells workers of one process apart.
   *
   * @param gpu the address that Spark assigned; empty for none
   */
  private record Key(EvalWork work, Optional<String> gpu) {}

  private PartJob() {}

  static void run(
      SparkContext spark, EvalWork work, List<EvalPart> parts, Consumer<EvalAnswer> listener) {
    if (parts.isEmpty()) {
      return;
    }
    RDD<EvalPart> partitions =
        JavaSparkContext.fromSparkContext(spark).parallelize(parts, parts.size()).rdd();
    AtomicReference<RuntimeException> refused = new AtomicReference<>();
    try {
      spark.runJob(
          partitions,
          new Answer(work),
          new AbstractFunction2<Object, EvalAnswer, BoxedUnit>() {
            @Override
            public BoxedUnit apply(Object partition, EvalAnswer answer) {
              // The job goes on for a while when its listener has failed.
              if (refused.get() != null) {
                return BoxedUnit.UNIT;
              }
              try {
                listener.accept(answer);
              } catch (RuntimeException e) {
                // Spark would wrap it up.
                refused.compareAndSet(null, e);
                throw e;
              }
              return BoxedUnit.UNIT;
            }
          },
          ClassTag$.MODULE$.apply(EvalAnswer.class));
    } catch (Exception e) {
      // Scala's methods declare nothing, and throw what they like.
      throw refused.get() != null ? refused.get() : own(e);
    }
  }

  /** What a part failed with, if that was this project's own error. */
  private static RuntimeException own(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ResaException || cause instanceof UsageException) {
        return (RuntimeException) cause;
      }
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  /** On an executor. */
  private static final class Answer extends AbstractFunction1<Iterator<EvalPart>, EvalAnswer>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final EvalWork work;

    Answer(EvalWork work) {
      this.work = work;
    }

    @Override
    public EvalAnswer apply(Iterator<EvalPart> parts) {
      Key key = new Key(work, AssignedGpu.address(TaskContext.get()));
      Shared<Key, EvalWorker>.Lease worker = WORKERS.acquire(key, () -> open(key));
      try {
        return worker.get().answer(parts.next());
      } catch (DeviceException | ModelChangedException e) {
        // It may be of no use any more: the next attempt opens another.
        worker.discard();
        throw e;
      } finally {
        worker.close();
      }
    }

    private static EvalWorker open(Key key) {
      int cores = ExecutorEngines.threads();
      List<Path> files =
          key.work.files().stream().map(name -> Path.of(SparkFiles.get(name))).toList();
      return EvalWorker.open(
          key.work,
          files,
          cores == 0 ? OptionalInt.empty() : OptionalInt.of(cores),
          key.gpu.map(address -> () -> ExecutorEngines.device(address)));
    }
  }
}
