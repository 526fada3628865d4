package org.resa4j.eval;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What came of a part.
 *
 * @param facts what the process writes texts with: model, device, sampling ...
 * @param lines of {@code results.jsonl}
 */
public record EvalAnswer(Map<String, String> facts, List<String> lines) implements Serializable {
  public EvalAnswer {
    facts = Map.copyOf(facts);
    lines = List.copyOf(lines);
  }
}
