package org.resa4j.server;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.resa4j.engine.EngineInfo;
import org.resa4j.generate.StepTrace;
import org.resa4j.generate.TraceListener;
import org.resa4j.generate.VerificationTrace;
import org.resa4j.model.ModelConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is read of the cache for one text, gathered for its events: {@code docs/server.md} has the
 * form. What a slow client has not taken is held up to a limit, and left out and counted beyond it.
 *
 * <p>Thread-safe: one thread decodes, another sends.
 */
final class Trace implements TraceListener {
  /** Characters that wait to be sent. */
  private static final int MOST_WAITING = 1 << 20;

  /** What an event counts for beside its cells: what else it says, and what holds it. */
  private static final int EVENT = 256;

  private final int kvHeads;
  private final LogProbs texts;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private ObjectNode events = Json.object();
  private int waiting;
  private int leftOut;

  /** Positions of the tokens that were sent end here. */
  private int sent;

  /**
   * @param promptTokens at which position the text begins
   */
  Trace(Model model, int promptTokens) {
    ModelConfig config = model.resa().info().model();
    EngineInfo engine = model.resa().info().engine();
    kvHeads = config.attention().kvHeads();
    texts = new LogProbs(model.tokenizer());
    sent = promptTokens;
    events
        .putObject("about")
        .put("prompt_tokens", promptTokens)
        .put("layers", config.layers())
        .put("kv_heads", kvHeads)
        .put("block_size", engine.options().blockSize());
  }

  @Override
  public void onStep(StepTrace step) {
    ObjectNode json = Json.object();
    json.put("position", step.position());
    json.put("blocks", step.blocks());
    json.put("kept", step.kept());
    if (step.isDraft()) {
      json.put("draft", true);
    }
    int length = 0;
    if (!step.isDense()) {
      int perCell = TraceCells.blocksPerCell(step.blocks(), step.layers());
      json.put("cell", perCell);
      ArrayNode layers = json.putArray("layers");
      for (int layer = 0; layer < step.layers(); layer++) {
        String cells = TraceCells.of(step, layer, kvHeads, perCell);
        layers.add(cells);
        length += cells.length();
      }
    }
    add("steps", json, length);
  }

  @Override
  public void onRectified(int from, int to) {
    add("rectified", Json.list().add(from).add(to), 0);
  }

  @Override
  public void onVerified(VerificationTrace verification) {
    int[] drafts = verification.drafts();
    ObjectNode json = Json.object();
    json.put("position", verification.position());
    json.put("drafted", drafts.length);
    json.put("accepted", verification.accepted());
    Optional<String> refused =
        verification.refused()
            ? Optional.of(texts.text(drafts[verification.accepted()]))
            : Optional.empty();
    json.put("refused", refused.orElse(null));
    add("verified", json, 0);
  }

  /**
   * @param length characters of cells in it
   */
  private void add(String list, JsonNode event, int length) {
    lock.lock();
    try {
      if (waiting + length + EVENT > MOST_WAITING) {
        leftOut++;
        return;
      }
      waiting += length + EVENT;
      events.withArray(list).add(event);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts into a chunk what has come since the last.
   *
   * @param tokens how many of the text's tokens the chunk has
   */
  void attach(ObjectNode chunk, int tokens) {
    lock.lock();
    try {
      events.putArray("tokens").add(sent).add(sent + tokens);
      if (leftOut > 0) {
        events.put("left_out", leftOut);
      }
      chunk.set("resa", events);
      events = Json.object();
      waiting = 0;
      leftOut = 0;
      sent += tokens;
    } finally {
      lock.unlock();
    }
  }
}
