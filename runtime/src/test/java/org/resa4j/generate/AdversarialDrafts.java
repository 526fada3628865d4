package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Random;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.Errors;
import org.resa4j.engine.StepBatch;

/**
 * An engine whose sparse steps choose wrong tokens at random, and which looks, where a cycle of
 * exact mode has ended, whether cache and descriptors are those of a dense encode of the text so
 * far.
 */
final class AdversarialDrafts extends EngineDecorator {
  private static final double TOLERANCE = 1e-4;

  private final Engine dense;
  private final Random random;
  private final double wrong;
  private final int width;

  /** The tokens that each page's places were last written with. */
  private final int[][] written;

  /** Whether the last call of a sequence was a verification. */
  private final Map<BlockTable, Boolean> verified = new IdentityHashMap<>();

  private boolean[] lies = {};
  int cycles;
  int told;

  /**
   * @param dense an engine of the same model, to encode with
   * @param width d
   * @param wrong share of the sparse rows that lie
   */
  AdversarialDrafts(Engine engine, Engine dense, int width, double wrong, long seed) {
    super(engine);
    this.width = width;
    this.dense = dense;
    this.wrong = wrong;
    random = new Random(seed);
    written = new int[engine.info().pages()][engine.info().options().pageTokens()];
  }

  private void wrote(BlockTable table, int position, int token) {
    int each = info().options().pageTokens();
    written[table.page(position / each)][position % each] = token;
  }

  private int[] tokens(BlockTable table, int count) {
    int each = info().options().pageTokens();
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = written[table.page(i / each)][i % each];
    }
    return tokens;
  }

  @Override
  public void copyPage(int from, int to) {
    written[to] = written[from].clone();
    super.copyPage(from, to);
  }

  @Override
  public void encode(EncodeBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      for (int t = 0; t < batch.count(i); t++) {
        wrote(batch.table(i), batch.position(i) + t, batch.token(batch.first(i) + t));
      }
      verified.put(batch.table(i), batch.logits(i) == Logits.ALL);
    }
    lies = new boolean[batch.firstLogitRow(batch.size())];
    super.encode(batch);
  }

  @Override
  public void step(StepBatch batch) {
    int[] cycled = new int[batch.rows()];
    for (int row = 0; row < batch.rows(); row++) {
      BlockTable table = batch.table(row);
      if (Boolean.TRUE.equals(verified.put(table, false))) {
        cycled[row] = batch.position(row);
        checkKeysAndValues(table, batch.position(row));
      }
      wrote(table, batch.position(row), batch.token(row));
    }
    super.step(batch);
    lies = new boolean[batch.rows()];
    for (int row = 0; row < batch.rows(); row++) {
      boolean sparse =
          batch.keepBlocks(row) < Math.ceilDiv(batch.tokens(row), batch.blockSize(row));
      lies[row] = sparse && random.nextDouble() < wrong;
      told += lies[row] ? 1 : 0;
      if (cycled[row] > 0) {
        checkDescriptors(batch.table(row), batch.tokens(row), batch.blockSize(row));
        cycles++;
      }
    }
  }

  private void checkKeysAndValues(BlockTable table, int tokens) {
    BlockTable own = BlockTable.slots(dense.info()).getFirst();
    int[] text = tokens(table, tokens);
    int chunk = dense.info().options().encodeTokens();
    for (int from = 0; from < tokens; from += chunk) {
      int count = Math.min(chunk, tokens - from);
      dense.encode(EncodeBatch.of(own, from, text, from, count, Logits.NONE));
    }
    CacheSnapshot expected = dense.snapshot(0, own, tokens);
    CacheSnapshot actual = snapshot(0, table, tokens);
    assertThat(Errors.relative(expected.key(), actual.key()))
        .as("keys of %d tokens", tokens)
        .isLessThan(TOLERANCE);
    assertThat(Errors.relative(expected.value(), actual.value()))
        .as("values of %d tokens", tokens)
        .isLessThan(TOLERANCE);
  }

  /** Descriptors are the minima and maxima of the keys that count, and of no others. */
  private void checkDescriptors(BlockTable table, int tokens, int blockSize) {
    CacheSnapshot cache = snapshot(0, table, tokens);
    int blocks = Math.ceilDiv(tokens, blockSize);
    int heads = cache.key().length / tokens / width;
    float[] min = new float[cache.blockMin().length];
    float[] max = new float[min.length];
    Arrays.fill(min, Float.POSITIVE_INFINITY);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int head = 0; head < heads; head++) {
      for (int token = 0; token < tokens; token++) {
        for (int j = 0; j < width; j++) {
          float k = cache.key()[(head * tokens + token) * width + j];
          int at = (head * blocks + token / blockSize) * width + j;
          min[at] = Math.min(min[at], k);
          max[at] = Math.max(max[at], k);
        }
      }
    }
    assertThat(cache.blockMin()).as("minima of %d tokens", tokens).containsExactly(min);
    assertThat(cache.blockMax()).as("maxima of %d tokens", tokens).containsExactly(max);
  }

  @Override
  public int argmax(int row) {
    return lies[row] ? other(super.argmax(row)) : super.argmax(row);
  }

  @Override
  public void logits(int row, float[] target) {
    super.logits(row, target);
    if (lies[row]) {
      for (int i = 0; i < target.length; i++) {
        target[i] = -target[i];
      }
    }
  }

  private int other(int token) {
    return (token + 1 + random.nextInt(RandomModel.VOCABULARY - 1)) % RandomModel.VOCABULARY;
  }
}
