package org.resa4j.eval;

import java.io.Serializable;
import java.util.List;

/**
 * Tasks that are done in one process together.
 *
 * @param tasks their ids; none to ask for {@link EvalAnswer#facts} alone
 * @param there results of theirs that are there, as lines of {@code results.jsonl}
 */
public record EvalPart(List<String> tasks, List<String> there) implements Serializable {
  public EvalPart {
    tasks = List.copyOf(tasks);
    there = List.copyOf(there);
  }
}
