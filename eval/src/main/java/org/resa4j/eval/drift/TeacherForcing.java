package org.resa4j.eval.drift;

import java.util.List;
import java.util.Optional;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;

/**
 * Runs texts through an engine, the token of each step being given: each text has pages of its own.
 *
 * <p>Not thread-safe.
 */
final class TeacherForcing {
  /** Position of a text that sits a step out. */
  static final int NONE = -1;

  /** Is told of each row of a step, while its logits can be read. */
  interface StepListener {
    void stepped(int text, int row);
  }

  private final Engine engine;
  private final EngineOptions options;
  private final List<ForcedText> texts;
  private final List<BlockTable> tables;
  private final StepBatch batch;

  /** The text of each row of the batch. */
  private final int[] rows;

  /** Tokens of each text that are cached as dense encoding leaves them. */
  private final int[] dense;

  /**
   * @param texts at most as many as the engine takes at once, none longer than its context
   */
  TeacherForcing(Engine engine, List<ForcedText> texts) {
    this.engine = engine;
    options = engine.info().options();
    if (texts.isEmpty() || texts.size() > options.sequences()) {
      throw new IllegalArgumentException(
          "%d texts, and %d are taken at once".formatted(texts.size(), options.sequences()));
    }
    this.texts = List.copyOf(texts);
    tables = BlockTable.slots(engine.info());
    batch = new StepBatch(options.sequences());
    rows = new int[options.sequences()];
    dense = new int[texts.size()];
  }

  Engine engine() {
    return engine;
  }

  List<ForcedText> texts() {
    return texts;
  }

  /** Where a text is cached. */
  BlockTable table(int text) {
    return tables.get(text);
  }

  /** Leaves the first {@code tokens} tokens of a text cached as dense encoding leaves them. */
  void prefill(int text, int tokens) {
    // The last block's descriptor may hold tokens behind: encoding its last token again drops them.
    encode(text, Math.min(dense[text], tokens - 1), tokens);
    dense[text] = tokens;
  }

  /** Encodes tokens {@code from} to {@code to} - 1 of a text densely, over what is cached. */
  void encode(int text, int from, int to) {
    encode(text, from, to, Optional.empty());
  }

  /** Rectifies tokens {@code from} to {@code to} - 1 of a text as a setting says. */
  void rectify(int text, int from, int to, ResaConfig config) {
    encode(text, from, to, config.rectifySelection());
  }

  private void encode(int text, int from, int to, Optional<ResaConfig> selection) {
    int[] tokens = texts.get(text).tokens();
    for (int at = from; at < to; at += options.encodeTokens()) {
      int count = Math.min(options.encodeTokens(), to - at);
      EncodeBatch part =
          EncodeBatch.of(tables.get(text), at, tokens, at, count, EncodeBatch.Logits.NONE);
      selection.ifPresent(part::select);
      engine.encode(part);
    }
  }

  /**
   * One step of the batch.
   *
   * @param positions of each text's token, or {@link #NONE}
   * @return whether any text took part
   */
  boolean step(int[] positions, ResaConfig config, StepListener listener) {
    batch.clear();
    for (int text = 0; text < positions.length; text++) {
      int position = positions[text];
      if (position != NONE) {
        rows[batch.rows()] = text;
        batch.add(tables.get(text), texts.get(text).tokens()[position], position, config);
        dense[text] = Math.min(dense[text], position);
      }
    }
    if (batch.rows() == 0) {
      return false;
    }
    engine.step(batch);
    for (int row = 0; row < batch.rows(); row++) {
      listener.stepped(rows[row], row);
    }
    return true;
  }
}
