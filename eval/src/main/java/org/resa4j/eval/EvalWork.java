package org.resa4j.eval;

import java.io.Serializable;
import java.util.List;

/**
 * What tells another process which evaluation it takes part in.
 *
 * @param arguments those of {@code resa eval}
 * @param model the model's path, which holds there too
 * @param files names of the task files, in order
 * @param blockSize tokens in a block
 */
public record EvalWork(List<String> arguments, String model, List<String> files, int blockSize)
    implements Serializable {
  public EvalWork {
    arguments = List.copyOf(arguments);
    files = List.copyOf(files);
  }
}
