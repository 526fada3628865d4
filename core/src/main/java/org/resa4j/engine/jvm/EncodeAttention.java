package org.resa4j.engine.jvm;

import java.util.Optional;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;

/**
 * Causal attention of tokens that are encoded together, over one cache: all tokens before them, or
 * those of the blocks that they select. Tiles of queries are shared out among the workers.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
 */
final class EncodeAttention {
  private final AttentionShape shape;
  private final Workers workers;
  private final Encode[] encode;
  private final WindowBlocks selected;
  private final Workers.Body tileBody = this::tile;

  private LayerCache cache;
  private EncodeBatch batch;
  private float[] query;
  private float[] output;

  /** First of the sequences whose tiles are at hand, and whether they select. */
  private int first;

  private boolean selects;

  EncodeAttention(
      AttentionShape shape, EngineOptions options, KvType type, VectorOps ops, Workers workers) {
    this.shape = shape;
    this.workers = workers;
    encode = new Encode[workers.size()];
    for (int i = 0; i < encode.length; i++) {
      encode[i] = new Encode(ops, shape, type);
    }
    selected = new WindowBlocks(shape, type, ops, workers, options.tableBlocks());
  }

  /**
   * Attends for tokens that are in the cache.
   *
   * @param query {@code [token][Hq][d]} after RoPE
   * @param output {@code [token][Hq][d]}, written
   */
  void run(LayerCache cache, EncodeBatch batch, float[] query, float[] output) {
    this.cache = cache;
    this.batch = batch;
    this.query = query;
    this.output = output;
    int next = 0;
    while (next < batch.size()) {
      first = next++;
      Optional<ResaConfig> selection = batch.selection(first);
      selects = selection.isPresent();
      if (selects) {
        selected.find(
            cache,
            batch.table(first),
            selection.get(),
            batch.position(first),
            batch.count(first),
            query,
            batch.first(first));
      } else {
        while (next < batch.size() && batch.selection(next).isEmpty()) {
          next++;
        }
      }
      int tiles = 0;
      for (int i = first; i < next; i++) {
        tiles += tiles(i);
      }
      workers.run(shape.kvHeads() * tiles, tileBody);
    }
  }

  private int tiles(int sequence) {
    return Math.ceilDiv(batch.count(sequence), Encode.tileTokens(shape));
  }

  private void tile(int index, int worker) {
    int sequence = first;
    int tile = index / shape.kvHeads();
    while (tile >= tiles(sequence)) {
      tile -= tiles(sequence++);
    }
    int kvHead = index % shape.kvHeads();
    int from = tile * Encode.tileTokens(shape);
    int to = Math.min(batch.count(sequence), from + Encode.tileTokens(shape));
    Encode pass = encode[worker];
    pass.begin(
        cache,
        batch.table(sequence),
        kvHead,
        batch.position(sequence) + from,
        batch.first(sequence) + from,
        to - from,
        query);
    int visible = batch.position(sequence) + to;
    if (selects) {
      int block = cache.blockSize;
      for (int i = 0; i < selected.count(kvHead); i++) {
        int start = selected.block(kvHead, i) * block;
        pass.tokens(start, Math.min(visible, start + block));
      }
    } else {
      pass.tokens(0, visible);
    }
    pass.end(output);
  }
}
