package org.resa4j.eval;

import org.resa4j.eval.task.Digests;
import org.resa4j.eval.task.Tasks;

/** Texts are written here, all tasks' with one engine. */
final class OwnProcess implements Venue {
  private final EvalFlags flags;
  private final Tasks tasks;
  private final String modelDigest;

  OwnProcess(EvalFlags flags, Tasks tasks) {
    this.flags = flags;
    this.tasks = tasks;
    modelDigest = Digests.ofModel(flags.model().path());
  }

  @Override
  public EvalEngine open(int blockSize) {
    return EvalEngine.open(flags, tasks, modelDigest, blockSize);
  }

  @Override
  public void close() {
    // Each engine is closed by itself.
  }
}
