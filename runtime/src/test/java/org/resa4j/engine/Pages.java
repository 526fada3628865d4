package org.resa4j.engine;

import org.resa4j.engine.EncodeBatch.Logits;

/** Sequences whose pages lie scattered over the cache, those of one among those of others. */
public final class Pages {
  private Pages() {}

  /** The table of one of as many sequences as the cache holds; none of its pages are neighbours. */
  public static BlockTable of(EngineInfo info, int sequence) {
    int sequences = info.options().sequences();
    if (sequence < 0 || sequence >= sequences) {
      throw new IllegalArgumentException("no sequence " + sequence);
    }
    BlockTable table = new BlockTable(info.pages());
    for (int i = 0; i < info.options().tablePages(); i++) {
      table.add(info.pages() - 1 - (i * sequences + sequence));
    }
    return table;
  }

  public static BlockTable of(Engine engine, int sequence) {
    return of(engine.info(), sequence);
  }

  public static BlockTable of(AttentionLayer layer, int sequence) {
    return of(layer.info(), sequence);
  }

  /** Encodes tokens of one sequence, with the last one's logits or none. */
  public static void encode(
      Engine engine, int sequence, int position, int[] ids, int offset, int count, boolean last) {
    engine.encode(
        EncodeBatch.of(
            of(engine, sequence), position, ids, offset, count, last ? Logits.LAST : Logits.NONE));
  }
}
