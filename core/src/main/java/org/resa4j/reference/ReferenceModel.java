package org.resa4j.reference;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/**
 * A model's forward pass of one sequence in plain double precision, token by token: what the
 * engines' logits are held against. A chunk that an engine encodes densely is here as many steps.
 *
 * <p>Not thread-safe.
 */
public final class ReferenceModel {
  /** Sees what each layer's attention sees. */
  public interface Observer {
    /**
     * Called once for each KV head of each layer.
     *
     * @param queries of the group's heads after RoPE, {@code [G][d]}
     * @param keys the KV head's, of {@code tokens} tokens
     * @param kept blocks attended to, ascending
     */
    void attending(int layer, int kvHead, double[][] queries, Vectors keys, int tokens, int[] kept);
  }

  private final Model model;
  private final ModelConfig config;
  private final AttentionShape shape;
  private final Rope rope;

  /** {@code [cache][token][Hkv·d]}. */
  private final double[][][] keys;

  private final double[][][] values;

  /**
   * @param contextLength tokens that it can hold
   */
  public ReferenceModel(Model model, int contextLength) {
    this.model = model;
    config = model.config();
    shape = config.attention();
    rope = config.rope().forContext(contextLength);
    keys = new double[config.caches()][contextLength][];
    values = new double[config.caches()][contextLength][];
  }

  /** The {@code count} likeliest tokens, one after the other, after a prompt. */
  public static int[] greedy(Model model, int[] prompt, int count) {
    ReferenceModel forward = new ReferenceModel(model, prompt.length + count);
    ResaConfig dense = ResaConfig.dense(16);
    int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
    for (int position = 0; position < tokens.length - 1; position++) {
      double[] logits = forward.step(tokens[position], position, dense);
      if (position >= prompt.length - 1) {
        tokens[position + 1] = likeliest(logits);
      }
    }
    return Arrays.copyOfRange(tokens, prompt.length, tokens.length);
  }

  private static int likeliest(double[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }

  /** Sets K and V of {@code count} tokens of a cache, as {@code Engine.load} does. */
  public void load(int cache, int position, int count, float[] key, float[] value) {
    int row = shape.kvHeads() * shape.headDim();
    for (int i = 0; i < count; i++) {
      keys[cache][position + i] = widened(key, i * row, row);
      values[cache][position + i] = widened(value, i * row, row);
    }
  }

  private static double[] widened(float[] x, int from, int count) {
    double[] wide = new double[count];
    for (int j = 0; j < count; j++) {
      wide[j] = x[from + j];
    }
    return wide;
  }

  /** The logits after a token at a position; those before it must be there. */
  public double[] step(int token, int position, ResaConfig attention) {
    return step(token, position, attention, (layer, kvHead, queries, keys, tokens, kept) -> {});
  }

  /** The same, with an observer of every layer's attention. */
  public double[] step(int token, int position, ResaConfig attention, Observer observer) {
    double[] residual = embed(token);
    for (int i = 0; i < config.layers(); i++) {
      double[] query = project(i, residual, position);
      finish(i, residual, attend(query, i, position + 1, attention, observer));
    }
    return logits(residual);
  }

  /**
   * The logits after each of consecutive tokens that are encoded together, over the union of the
   * blocks that they select; those before them must be there.
   *
   * @see ReferenceAttention#windowBlocks
   */
  public double[][] encode(int[] tokens, int position, ResaConfig selection) {
    double[][] residuals = new double[tokens.length][];
    Arrays.setAll(residuals, t -> embed(tokens[t]));
    for (int i = 0; i < config.layers(); i++) {
      double[][] queries = new double[tokens.length][];
      for (int t = 0; t < tokens.length; t++) {
        queries[t] = project(i, residuals[t], position + t);
      }
      double[][] outputs = attendTogether(queries, i, position, selection);
      for (int t = 0; t < tokens.length; t++) {
        finish(i, residuals[t], outputs[t]);
      }
    }
    double[][] logits = new double[tokens.length][];
    Arrays.setAll(logits, t -> logits(residuals[t]));
    return logits;
  }

  private double[] embed(int token) {
    double[] residual = new double[config.hidden()];
    float[] embedded = new float[residual.length];
    model.embedding().row(token, embedded, 0);
    for (int j = 0; j < residual.length; j++) {
      residual[j] = embedded[j];
    }
    return residual;
  }

  /** A layer's queries of a token, whose K and V go to its cache. */
  private double[] project(int index, double[] residual, int position) {
    LayerWeights layer = model.layers().get(index);
    int cache = Math.min(index, config.caches() - 1);
    double[] x = norm(residual, layer.attentionNorm());
    double[] query = multiply(layer.query(), x);
    turn(query, layer.queryNorm().orElse(null), position);
    if (layer.key().isPresent()) {
      double[] key = multiply(layer.key().get(), x);
      turn(key, layer.keyNorm().orElse(null), position);
      keys[cache][position] = key;
      values[cache][position] = multiply(layer.value().orElseThrow(), x);
    }
    return query;
  }

  /** What of a layer comes after attention, added to the residual. */
  private void finish(int index, double[] residual, double[] attended) {
    LayerWeights layer = model.layers().get(index);
    add(residual, multiply(layer.output(), attended));
    double[] x = norm(residual, layer.mlpNorm());
    double[] gate = multiply(layer.gate(), x);
    double[] up = multiply(layer.up(), x);
    for (int j = 0; j < gate.length; j++) {
      gate[j] = gate[j] / (1 + Math.exp(-gate[j])) * up[j];
    }
    add(residual, multiply(layer.down(), gate));
  }

  private double[] logits(double[] residual) {
    return multiply(Projection.of(model.head()), norm(residual, model.finalNorm()));
  }

  private double[][] attendTogether(
      double[][] queries, int layer, int position, ResaConfig selection) {
    int cache = Math.min(layer, config.caches() - 1);
    int width = shape.headDim();
    int end = position + queries.length;
    double[][] outputs = new double[queries.length][queries[0].length];
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      Vectors key = head(keys[cache], kvHead);
      double[][] means = new double[queries.length][];
      for (int t = 0; t < queries.length; t++) {
        means[t] = ReferenceAttention.meanQuery(group(queries[t], kvHead));
      }
      int[] blocks = ReferenceAttention.windowBlocks(means, key, position, selection);
      int[] union = ReferenceAttention.tokens(blocks, end, selection.blockSize());
      for (int t = 0; t < queries.length; t++) {
        int visible = position + t + 1;
        int[] seen = Arrays.stream(union).filter(token -> token < visible).toArray();
        double[][] group = group(queries[t], kvHead);
        for (int g = 0; g < group.length; g++) {
          double[] result =
              ReferenceAttention.attend(group[g], key, head(values[cache], kvHead), seen);
          System.arraycopy(result, 0, outputs[t], (kvHead * group.length + g) * width, width);
        }
      }
    }
    return outputs;
  }

  private double[] norm(double[] x, Tensor weight) {
    double[] y = x.clone();
    norm(y, 0, y.length, weight);
    return y;
  }

  private void norm(double[] x, int from, int count, Tensor weight) {
    double squares = 0;
    for (int j = 0; j < count; j++) {
      squares += x[from + j] * x[from + j];
    }
    double scale = 1 / Math.sqrt(squares / count + config.rmsEpsilon());
    for (int j = 0; j < count; j++) {
      x[from + j] *= scale * weight.get(j);
    }
  }

  private static double[] multiply(Projection projection, double[] x) {
    Tensor weight = projection.weight();
    double[] y = new double[weight.rows()];
    IntStream.range(0, y.length)
        .parallel()
        .forEach(
            row -> {
              float[] weights = new float[x.length];
              weight.row(row, weights, 0);
              double sum = 0;
              for (int j = 0; j < x.length; j++) {
                sum += weights[j] * x[j];
              }
              y[row] = sum + projection.bias().map(bias -> bias.get(row)).orElse(0f);
            });
    return y;
  }

  private static void add(double[] x, double[] y) {
    for (int j = 0; j < x.length; j++) {
      x[j] += y[j];
    }
  }

  /** Each head's norm, where there is one, then RoPE. */
  private void turn(double[] heads, Tensor norm, int position) {
    int width = shape.headDim();
    float[] cos = new float[width / 2];
    float[] sin = new float[width / 2];
    rope.angles(position, cos, sin, 0);
    for (int at = 0; at < heads.length; at += width) {
      if (norm != null) {
        norm(heads, at, width, norm);
      }
      for (int j = 0; j < cos.length; j++) {
        double a = heads[at + j];
        double b = heads[at + j + cos.length];
        heads[at + j] = a * cos[j] - b * sin[j];
        heads[at + j + cos.length] = b * cos[j] + a * sin[j];
      }
    }
  }

  private double[] attend(
      double[] query, int layer, int tokens, ResaConfig attention, Observer observer) {
    int cache = Math.min(layer, config.caches() - 1);
    double[] output = new double[query.length];
    int width = shape.headDim();
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      Vectors key = head(keys[cache], kvHead);
      double[][] group = group(query, kvHead);
      double[] scores =
          ReferenceAttention.estimate(
              ReferenceAttention.meanQuery(group), key, tokens, attention.blockSize());
      int[] kept = ReferenceAttention.select(scores, attention, tokens);
      observer.attending(layer, kvHead, group, key, tokens, kept);
      int[] attended = ReferenceAttention.tokens(kept, tokens, attention.blockSize());
      for (int g = 0; g < group.length; g++) {
        double[] result =
            ReferenceAttention.attend(group[g], key, head(values[cache], kvHead), attended);
        System.arraycopy(result, 0, output, (kvHead * group.length + g) * width, width);
      }
    }
    return output;
  }

  private double[][] group(double[] query, int kvHead) {
    int width = shape.headDim();
    double[][] group = new double[shape.group()][];
    for (int g = 0; g < group.length; g++) {
      int at = (kvHead * group.length + g) * width;
      group[g] = Arrays.copyOfRange(query, at, at + width);
    }
    return group;
  }

  private Vectors head(double[][] rows, int kvHead) {
    int from = kvHead * shape.headDim();
    return (token, j) -> rows[token][from + j];
  }
}
