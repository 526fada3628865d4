package org.resa4j.bench.generate;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StepBatch;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.reference.ReferenceModel;

/**
 * Holds an engine's logits against {@link ReferenceModel}, with the model's shapes, batch, settings
 * and number formats, but its first two layers alone and at short context: what double precision
 * can do in seconds.
 *
 * <p>K and V are random numbers that fp16 holds exactly. As many blocks as are kept have keys eight
 * times as large as the others', so that rounding cannot change which are selected.
 */
public final class LogitCheck {
  private static final int LAYERS = 2;
  private static final int ENCODED = 3;

  /**
   * Relative errors of logits, ‖actual - expected‖ / ‖expected‖, each the worst of the first and
   * the last sequence.
   *
   * @param dense of a dense step
   * @param sparse of a sparse step
   * @param encode of a chunk's last token
   * @param verify of every token of a pass over both sequences
   * @param rectify of every token of an encode over the blocks that they select; empty where the
   *     settings rectify densely
   */
  public record Errors(
      double dense, double sparse, double encode, double verify, OptionalDouble rectify) {
    /** The worst of all. */
    public double worst() {
      return Math.max(
          Math.max(Math.max(dense, sparse), Math.max(encode, verify)), rectify.orElse(0));
    }
  }

  /** Rounding of weights is in the reference too; of K and V, and of half-precision inputs, not. */
  public static double tolerance(KvType type) {
    return switch (type) {
      case F32 -> 1e-4;
      case F16 -> 5e-3;
      case Q8 -> 2e-2;
    };
  }

  private final Model model;
  private final ResaConfig config;
  private final int tokens;
  private final float[] key;
  private final float[] value;

  /**
   * @param model the model that is timed
   * @param config sparse settings
   */
  public LogitCheck(Model model, ResaConfig config) {
    this.model = cut(model);
    this.config = config;
    // Twice as many blocks as are kept at the least, the last of them not full.
    int block = config.blockSize();
    tokens = 2 * config.minBlocks() * block + block / 2 + 1;
    int row = model.config().attention().kvHeads() * model.config().attention().headDim();
    key = new float[tokens * row];
    value = new float[key.length];
    fill(row);
  }

  private void fill(int row) {
    Random random = new Random(11);
    int blocks = config.blocks(tokens + 1);
    int keep = config.keepBlocks(tokens + 1);
    boolean[] large = new boolean[blocks];
    for (int chosen = 0; chosen < keep - config.localBlocks(); ) {
      int block = random.nextInt(Math.max(1, blocks - config.localBlocks()));
      if (!large[block]) {
        large[block] = true;
        chosen++;
      }
    }
    for (int i = 0; i < key.length; i++) {
      boolean isLarge = large[i / row / config.blockSize()];
      key[i] = half(random.nextGaussian() * (isLarge ? 1 : 0.125));
      value[i] = half(random.nextGaussian());
    }
  }

  private static float half(double x) {
    return Float.float16ToFloat(Float.floatToFloat16((float) x));
  }

  private static Model cut(Model model) {
    ModelConfig config = model.config();
    int layers = Math.min(LAYERS, config.layers());
    return new Model(
        model.name(),
        new ModelConfig(
            config.architecture(),
            layers,
            config.hidden(),
            config.attention(),
            config.intermediate(),
            config.vocabulary(),
            config.rmsEpsilon(),
            config.rope(),
            config.maxContext(),
            config.tiedEmbeddings(),
            config.sharedCache(),
            config.endOfText()),
        model.embedding(),
        model.layers().subList(0, layers),
        model.finalNorm(),
        model.head());
  }

  /**
   * Runs the check.
   *
   * @param options of the timed engine; its context is replaced
   */
  public Errors run(EngineProvider provider, EngineOptions options) {
    int context = tokens + 1 + ENCODED;
    try (Engine engine = provider.open(model, roomy(options, context))) {
      List<BlockTable> tables = BlockTable.slots(engine.info());
      int last = tables.size() - 1;
      List<Integer> checked = last == 0 ? List.of(0) : List.of(0, last);
      tables.forEach(table -> load(engine, table));
      float[][] sparse = step(engine, tables, config, checked);
      float[][] dense = step(engine, tables, ResaConfig.dense(config.blockSize()), checked);
      double sparseError = 0;
      double denseError = 0;
      double encodeError = 0;
      double[][][] rows = new double[checked.size()][ENCODED][];
      for (int i = 0; i < checked.size(); i++) {
        int sequence = checked.get(i);
        ReferenceModel plain = new ReferenceModel(model, context);
        for (int cache = 0; cache < model.config().caches(); cache++) {
          plain.load(cache, 0, tokens, key, value);
        }
        double[] expected = plain.step(token(sequence), tokens, config);
        sparseError = Math.max(sparseError, error(expected, sparse[i]));
        ResaConfig all = ResaConfig.dense(config.blockSize());
        expected = plain.step(token(sequence), tokens, all);
        denseError = Math.max(denseError, error(expected, dense[i]));
        int[] ids = ids(sequence);
        for (int t = 0; t < ENCODED; t++) {
          rows[i][t] = plain.step(ids[t], tokens + 1 + t, all);
        }
        engine.encode(
            EncodeBatch.of(tables.get(sequence), tokens + 1, ids, 0, ENCODED, Logits.LAST));
        float[] actual = new float[model.config().vocabulary()];
        engine.logits(0, actual);
        encodeError = Math.max(encodeError, error(rows[i][ENCODED - 1], actual));
      }
      double verifyError = verify(engine, tables, checked, rows);
      OptionalDouble rectifyError = OptionalDouble.empty();
      if (config.rectifySelection().isPresent()) {
        rectifyError = OptionalDouble.of(rectify(engine, tables, checked));
      }
      return new Errors(denseError, sparseError, encodeError, verifyError, rectifyError);
    }
  }

  /** Encodes the same tokens once more, over the blocks that they select. */
  private double rectify(Engine engine, List<BlockTable> tables, List<Integer> checked) {
    ResaConfig selection = config.rectifySelection().orElseThrow();
    double worst = 0;
    float[] actual = new float[model.config().vocabulary()];
    for (int sequence : checked) {
      ReferenceModel plain = new ReferenceModel(model, tokens + 1 + ENCODED);
      for (int cache = 0; cache < model.config().caches(); cache++) {
        plain.load(cache, 0, tokens, key, value);
      }
      plain.step(token(sequence), tokens, ResaConfig.dense(config.blockSize()));
      double[][] expected = plain.encode(ids(sequence), tokens + 1, selection);
      EncodeBatch batch =
          EncodeBatch.of(tables.get(sequence), tokens + 1, ids(sequence), 0, ENCODED, Logits.ALL);
      batch.select(selection);
      engine.encode(batch);
      for (int t = 0; t < ENCODED; t++) {
        engine.logits(t, actual);
        worst = Math.max(worst, error(expected[t], actual));
      }
    }
    return worst;
  }

  /**
   * Encodes the same tokens again in one call, ragged: of each sequence one less than of the one
   * before.
   *
   * @param expected logits after each of a sequence's tokens
   * @return the worst row's error
   */
  private double verify(
      Engine engine, List<BlockTable> tables, List<Integer> checked, double[][][] expected) {
    EncodeBatch batch = new EncodeBatch(checked.size(), checked.size() * ENCODED);
    for (int i = 0; i < checked.size(); i++) {
      int sequence = checked.get(i);
      batch.add(tables.get(sequence), tokens + 1 + i, ids(sequence), i, ENCODED - i, Logits.ALL);
    }
    engine.encode(batch);
    double worst = 0;
    float[] actual = new float[model.config().vocabulary()];
    for (int i = 0; i < checked.size(); i++) {
      for (int t = i; t < ENCODED; t++) {
        engine.logits(batch.firstLogitRow(i) + t - i, actual);
        worst = Math.max(worst, error(expected[i][t], actual));
      }
    }
    return worst;
  }

  private int[] ids(int sequence) {
    int[] ids = new int[ENCODED];
    Arrays.setAll(ids, t -> token(sequence + t + 1));
    return ids;
  }

  /** With room for the check. */
  private static EngineOptions roomy(EngineOptions options, int context) {
    return options
        .withContextLength(Math.max(context, options.encodeTokens()))
        .withEncodeTokens(Math.max(2 * ENCODED, options.encodeTokens()));
  }

  private void load(Engine engine, BlockTable table) {
    int chunk = engine.info().options().encodeTokens();
    int row = key.length / tokens;
    for (int cache = 0; cache < model.config().caches(); cache++) {
      for (int from = 0; from < tokens; from += chunk) {
        int count = Math.min(chunk, tokens - from);
        engine.load(
            cache,
            table,
            from,
            count,
            Arrays.copyOfRange(key, from * row, (from + count) * row),
            Arrays.copyOfRange(value, from * row, (from + count) * row));
      }
    }
  }

  /** One step of all sequences at the same position; the logits of those checked. */
  private float[][] step(
      Engine engine, List<BlockTable> tables, ResaConfig attention, List<Integer> checked) {
    StepBatch batch = new StepBatch(tables.size());
    for (int sequence = 0; sequence < tables.size(); sequence++) {
      batch.add(tables.get(sequence), token(sequence), tokens, attention);
    }
    engine.step(batch);
    float[][] logits = new float[checked.size()][model.config().vocabulary()];
    for (int i = 0; i < logits.length; i++) {
      engine.logits(checked.get(i), logits[i]);
    }
    return logits;
  }

  private int token(int i) {
    return (17 + 97 * i) % model.config().vocabulary();
  }

  private static double error(double[] expected, float[] actual) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    return Math.sqrt(difference / norm);
  }
}
