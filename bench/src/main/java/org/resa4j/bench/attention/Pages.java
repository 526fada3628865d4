package org.resa4j.bench.attention;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;

/** How the sequences' pages lie in a cache. */
enum Pages {
  /** Each sequence's in one stretch. */
  CONTIGUOUS,
  /** Each page before the one that follows it in the text, those of other sequences between. */
  SCATTERED;

  /**
   * Tables of all sequences.
   *
   * @param part of the cache's equal parts, each of which holds all sequences
   */
  List<BlockTable> tables(EngineInfo info, int part) {
    EngineOptions options = info.options();
    int each = options.tablePages();
    int sequences = options.sequences();
    int first = part * each * sequences;
    List<BlockTable> tables = new ArrayList<>();
    for (int sequence = 0; sequence < sequences; sequence++) {
      BlockTable table = new BlockTable(info.pages());
      for (int i = 0; i < each; i++) {
        table.add(
            first
                + switch (this) {
                  case CONTIGUOUS -> sequence * each + i;
                  case SCATTERED -> (each - 1 - i) * sequences + sequence;
                });
      }
      tables.add(table);
    }
    return tables;
  }

  /** The name of a workload whose pages lie so. */
  String name(String shape) {
    return this == CONTIGUOUS ? shape : shape + " scattered";
  }
}
