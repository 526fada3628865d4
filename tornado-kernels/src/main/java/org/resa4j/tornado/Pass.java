package org.resa4j.tornado;

import java.util.Optional;
import org.resa4j.tornado.graph.Stage;

/**
 * What a graph, or one of each layer, is run for. Passes whose graphs have one name have tasks in
 * common, which are compiled once.
 */
enum Pass {
  /** Sends the block tables. */
  TABLES("tables", Optional.empty()),
  STEP_BEGIN("stepBegin", Optional.empty()),
  DENSE_STEP("step", Optional.empty()),
  SPARSE_STEP("step", Optional.empty()),
  STEP_HEAD("stepHead", Optional.empty()),
  ENCODE_BEGIN("encodeBegin", Optional.of(Stage.Share.ENCODE)),
  ENCODE("encode", Optional.of(Stage.Share.ENCODE)),
  /** Logits of one row. */
  ENCODE_HEAD("encodeHead", Optional.of(Stage.Share.ENCODE)),
  /** Logits of several rows. */
  ENCODE_HEADS("encodeHeads", Optional.of(Stage.Share.ENCODE)),
  ENCODE_DRIFT("encodeDrift", Optional.of(Stage.Share.ENCODE)),
  /** K and V that were computed elsewhere. */
  LOAD_BEGIN("loadBegin", Optional.of(Stage.Share.NONE)),
  LOAD("encode", Optional.of(Stage.Share.NONE)),
  COPY_PAGE("copyPage", Optional.empty());

  private final String graph;
  private final Optional<Stage.Share> share;

  Pass(String graph, Optional<Stage.Share> share) {
    this.graph = graph;
    this.share = share;
  }

  /** Begins the name of its graphs. */
  String graph() {
    return graph;
  }

  /** Where the time of one of its tasks counts. */
  Stage.Share share(Stage stage) {
    return share.orElse(stage.share());
  }
}
