package org.resa4j.engine.jvm;

import java.util.Arrays;
import java.util.Optional;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Limits;
import org.resa4j.engine.SelectionObserver;
import org.resa4j.engine.StepBatch;
import org.resa4j.engine.jvm.StageClock.Stage;

/**
 * A step's sparse attention over one cache: estimate, select, attend. Holds scratch space, not the
 * cache, so that all layers share one.
 *
 * <p>Each stage is one parallel loop: over (row, KV head), with blocks or tokens split further
 * where there are fewer of those than threads.
 */
final class SparseAttention {
  /** Fewer blocks than this are not worth a thread of their own. */
  private static final int MIN_BLOCKS_PER_SPLIT = 8;

  private final AttentionShape shape;
  private final int blockCapacity;
  private final int blockSize;
  private final RowOps rows;
  private final Workers workers;
  private final StageClock clock;

  private final float[] scores;
  private final int[] selected;
  private final float[][] mean;
  private final Select[] select;
  private final Attend[] attend;
  private final int maxSplits;
  private final float[] partial;

  // Bodies of the loops, made once; what they work on is in the fields below.
  private final Workers.Body estimateBody = this::estimate;
  private final Workers.Body selectBody = this::select;
  private final Workers.Body attendBody = this::attend;

  private LayerCache cache;

  /** The last step's rows; the caller refills its own. */
  private final StepBatch batch;

  private float[] query;
  private float[] output;
  private int splits;

  /** By block, the KV heads that read it; there once a row is observed. */
  private int[] readers = {};

  SparseAttention(
      AttentionShape shape,
      EngineOptions options,
      KvType type,
      VectorOps ops,
      Workers workers,
      StageClock clock) {
    this.shape = shape;
    this.workers = workers;
    this.clock = clock;
    rows = ops.rows(type.descriptors());
    blockSize = options.blockSize();
    batch = new StepBatch(options.sequences());
    blockCapacity = options.tableBlocks();
    int pairs = Math.multiplyExact(options.sequences(), shape.kvHeads());
    scores = new float[Math.multiplyExact(pairs, blockCapacity)];
    selected = new int[scores.length];
    mean = new float[workers.size()][shape.headDim()];
    select = new Select[workers.size()];
    attend = new Attend[workers.size()];
    for (int i = 0; i < attend.length; i++) {
      select[i] = new Select(ops, blockCapacity);
      attend[i] = new Attend(ops, type, shape.headDim(), shape.group());
    }
    maxSplits = 4 * workers.size();
    partial =
        new float
            [Math.multiplyExact(
                Math.multiplyExact(
                    Math.multiplyExact(options.sequences(), shape.heads()), maxSplits),
                shape.headDim() + 2)];
  }

  /**
   * Attends for each row, whose own token is in the cache.
   *
   * @param query {@code [row][Hq][d]} after RoPE
   * @param output {@code [row][Hq][d]}, written
   */
  void step(LayerCache cache, StepBatch rows, float[] query, float[] output) {
    this.cache = cache;
    batch.refill(rows);
    this.query = query;
    this.output = output;
    int pairs = batch.rows() * shape.kvHeads();
    splits = Math.min(maxSplits, Math.ceilDiv(2 * workers.size(), pairs));
    if (!batch.isDense()) {
      workers.run(pairs * splits, estimateBody);
      clock.book(Stage.ESTIMATE);
      workers.run(pairs, selectBody);
      clock.book(Stage.SELECT);
    }
    workers.run(pairs * splits, attendBody);
    if (splits > 1) {
      combine();
    }
    clock.book(Stage.ATTEND);
  }

  private boolean isDense(int row) {
    return batch.keepBlocks(row) == blocks(row);
  }

  private int blocks(int row) {
    return Math.ceilDiv(batch.tokens(row), blockSize);
  }

  private int queryOffset(int row, int kvHead) {
    return (row * shape.heads() + kvHead * shape.group()) * shape.headDim();
  }

  private void estimate(int index, int worker) {
    int pair = index / splits;
    int row = pair / shape.kvHeads();
    if (isDense(row)) {
      return;
    }
    int kvHead = pair % shape.kvHeads();
    int blocks = blocks(row);
    int perSplit = Math.ceilDiv(blocks, splits);
    int from = index % splits * perSplit;
    int to = Math.min(blocks, from + perSplit);
    if (from >= to) {
      return;
    }
    Estimate.meanQuery(
        query, queryOffset(row, kvHead), shape.group(), shape.headDim(), mean[worker]);
    Estimate.score(
        rows,
        cache,
        batch.table(row),
        kvHead,
        from,
        to,
        mean[worker],
        scores,
        pair * blockCapacity);
  }

  private void select(int pair, int worker) {
    int row = pair / shape.kvHeads();
    if (!isDense(row)) {
      select[worker].select(
          scores,
          pair * blockCapacity,
          blocks(row),
          batch.localBlocks(row),
          batch.keepBlocks(row),
          selected,
          pair * blockCapacity);
    }
  }

  private void attend(int index, int worker) {
    int pair = index / splits;
    int split = index % splits;
    int row = pair / shape.kvHeads();
    int kvHead = pair % shape.kvHeads();
    int keep = batch.keepBlocks(row);
    int perSplit = Math.max(MIN_BLOCKS_PER_SPLIT, Math.ceilDiv(keep, splits));
    int from = split * perSplit;
    int to = Math.min(keep, from + perSplit);
    Attend pass = attend[worker];
    pass.begin(cache, batch.table(row), kvHead);
    int firstQuery = queryOffset(row, kvHead);
    for (int g = 0; g < shape.group(); g++) {
      pass.query(query, firstQuery + g * shape.headDim());
    }
    int tokens = batch.tokens(row);
    if (isDense(row)) {
      pass.tokens(from * blockSize, Math.min(tokens, to * blockSize));
    } else {
      attendBlocks(pass, pair * blockCapacity + from, pair * blockCapacity + to, tokens);
    }
    pass.end();
    for (int g = 0; g < shape.group(); g++) {
      if (splits == 1) {
        pass.result(g, output, firstQuery + g * shape.headDim());
      } else {
        int vector = row * shape.heads() + kvHead * shape.group() + g;
        pass.partial(g, partial, (vector * maxSplits + split) * (shape.headDim() + 2));
      }
    }
  }

  /** Neighbours among the selected blocks are read as one stretch. */
  private void attendBlocks(Attend pass, int from, int to, int tokens) {
    int i = from;
    while (i < to) {
      int first = selected[i];
      int next = first + 1;
      for (i++; i < to && selected[i] == next; i++) {
        next++;
      }
      pass.tokens(first * blockSize, Math.min(tokens, next * blockSize));
    }
  }

  private void combine() {
    int stride = shape.headDim() + 2;
    for (int vector = 0; vector < batch.rows() * shape.heads(); vector++) {
      Attend.combine(
          partial,
          vector * maxSplits * stride,
          stride,
          splits,
          shape.headDim(),
          output,
          vector * shape.headDim());
    }
  }

  /** Tells those who observe rows of the last step which blocks these read. */
  void tell(int layer) {
    for (int row = 0; row < batch.rows(); row++) {
      Optional<SelectionObserver> observer = batch.observer(row);
      if (observer.isPresent()) {
        countReaders(row);
        observer.get().onSelected(layer, readers, blocks(row));
      }
    }
  }

  private void countReaders(int row) {
    if (readers.length == 0) {
      readers = new int[blockCapacity];
    }
    boolean dense = isDense(row);
    Arrays.fill(readers, 0, blocks(row), dense ? shape.kvHeads() : 0);
    for (int kvHead = 0; !dense && kvHead < shape.kvHeads(); kvHead++) {
      int first = (row * shape.kvHeads() + kvHead) * blockCapacity;
      for (int i = 0; i < batch.keepBlocks(row); i++) {
        readers[selected[first + i]]++;
      }
    }
  }

  /** The blocks of the last step's row: those selected, or all where it was dense. */
  int[] selected(int row, int kvHead) {
    Limits.row(row, batch.rows());
    Limits.kvHead(shape, kvHead);
    int[] blocks = new int[batch.keepBlocks(row)];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = isDense(row) ? i : selected[(row * shape.kvHeads() + kvHead) * blockCapacity + i];
    }
    return blocks;
  }
}
