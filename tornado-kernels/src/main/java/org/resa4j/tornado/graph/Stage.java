package org.resa4j.tornado.graph;

import java.util.Locale;

/** What a task of a graph is there for, in the order of a layer; a stage may take several tasks. */
public enum Stage {
  /** What was sent to where it stays. */
  RECEIVE(Share.REST),
  EMBED(Share.REST),
  ATTENTION_NORM(Share.REST),
  QKV(Share.REST),
  /** Biases, head norms and rotary embedding of queries, keys and values. */
  ROTATE(Share.REST),
  APPEND(Share.REST),
  ESTIMATE(Share.ESTIMATE),
  SELECT(Share.SELECT),
  ATTEND(Share.ATTEND),
  ENCODE_DRIFT(Share.REST),
  ENCODE_APPEND(Share.REST),
  ENCODE_ATTEND(Share.REST),
  OUTPUT(Share.REST),
  MLP_NORM(Share.REST),
  GATE_UP(Share.REST),
  SWI_GLU(Share.REST),
  DOWN(Share.REST),
  FINAL_NORM(Share.REST),
  LOGITS(Share.REST),
  ARGMAX(Share.REST),
  DRIFT_SUMS(Share.REST),
  COPY_PAGE(Share.REST),
  /** The first look at arrays that are put on the device. */
  LOAD(Share.NONE);

  /** Where a task's time counts, see {@link org.resa4j.engine.StageTimes}. */
  public enum Share {
    ESTIMATE,
    SELECT,
    ATTEND,
    /** All of an encode call's tasks. */
    ENCODE,
    REST,
    /** Nowhere. */
    NONE
  }

  private final Share share;

  Stage(Share share) {
    this.share = share;
  }

  /** Where its tasks' time counts in a step. */
  public Share share() {
    return share;
  }

  /** Begins the ids of its tasks, as {@code gateUp} does. */
  String id() {
    StringBuilder id = new StringBuilder();
    for (String word : name().toLowerCase(Locale.ROOT).split("_")) {
      id.append(id.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return id.toString();
  }
}
