package org.resa4j.bench.generate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionShape;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Tensor;

/**
 * A model's forward pass of one sequence in plain double precision, token by token: what the
 * engines' logits are held against. A chunk that an engine encodes is here as many dense steps.
 *
 * <p>Not thread-safe.
 */
public final class PlainForward {
  /** Sees what each layer's attention sees. */
  public interface Observer {
    /**
     * Called once for each KV head of each layer.
     *
     * @param query of all heads after RoPE, {@code [Hq·d]}
     * @param keys {@code [token][Hkv·d]}, the first {@code tokens} of them
     * @param kept which blocks are attended to
     */
    void attending(
        int layer, int kvHead, double[] query, double[][] keys, int tokens, boolean[] kept);
  }

  private final Model model;
  private final ModelConfig config;
  private final AttentionShape shape;

  /** {@code [cache][token][Hkv·d]}. */
  private final double[][][] keys;

  private final double[][][] values;

  /**
   * @param contextLength tokens that it can hold
   */
  public PlainForward(Model model, int contextLength) {
    this.model = model;
    config = model.config();
    shape = config.attention();
    keys = new double[config.caches()][contextLength][];
    values = new double[config.caches()][contextLength][];
  }

  /** The {@code count} likeliest tokens, one after the other, after a prompt. */
  static int[] greedy(Model model, int[] prompt, int count) {
    PlainForward forward = new PlainForward(model, prompt.length + count);
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
    return step(token, position, attention, (layer, kvHead, query, keys, tokens, kept) -> {});
  }

  /** The same, with an observer of every layer's attention. */
  public double[] step(int token, int position, ResaConfig attention, Observer observer) {
    double[] residual = new double[config.hidden()];
    for (int j = 0; j < residual.length; j++) {
      residual[j] = model.embedding().get((long) token * config.hidden() + j);
    }
    for (int i = 0; i < config.layers(); i++) {
      LayerWeights layer = model.layers().get(i);
      int cache = Math.min(i, config.caches() - 1);
      double[] x = norm(residual, layer.attentionNorm());
      double[] query = biased(multiply(layer.query(), x), layer.queryBias().orElse(null));
      turn(query, layer.queryNorm().orElse(null), position);
      if (layer.key().isPresent()) {
        double[] key = biased(multiply(layer.key().get(), x), layer.keyBias().orElse(null));
        turn(key, layer.keyNorm().orElse(null), position);
        keys[cache][position] = key;
        values[cache][position] =
            biased(multiply(layer.value().orElseThrow(), x), layer.valueBias().orElse(null));
      }
      add(residual, multiply(layer.output(), attend(query, i, position + 1, attention, observer)));
      x = norm(residual, layer.mlpNorm());
      double[] gate = multiply(layer.gate(), x);
      double[] up = multiply(layer.up(), x);
      for (int j = 0; j < gate.length; j++) {
        gate[j] = gate[j] / (1 + Math.exp(-gate[j])) * up[j];
      }
      add(residual, multiply(layer.down(), gate));
    }
    return multiply(model.head(), norm(residual, model.finalNorm()));
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

  private static double[] multiply(Tensor weight, double[] x) {
    double[] y = new double[weight.rows()];
    IntStream.range(0, y.length)
        .parallel()
        .forEach(
            row -> {
              long from = (long) row * x.length;
              double sum = 0;
              for (int j = 0; j < x.length; j++) {
                sum += weight.get(from + j) * x[j];
              }
              y[row] = sum;
            });
    return y;
  }

  private static double[] biased(double[] x, Tensor bias) {
    if (bias != null) {
      for (int j = 0; j < x.length; j++) {
        x[j] += bias.get(j);
      }
    }
    return x;
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
    config.rope().angles(position, cos, sin, 0);
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
      boolean[] kept = select(query, cache, kvHead, tokens, attention);
      observer.attending(layer, kvHead, query, keys[cache], tokens, kept);
      for (int g = 0; g < shape.group(); g++) {
        int at = (kvHead * shape.group() + g) * width;
        double[] weights = new double[tokens];
        double max = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < tokens; t++) {
          weights[t] = Double.NEGATIVE_INFINITY;
          if (kept[t / attention.blockSize()]) {
            weights[t] = dot(query, at, keys[cache][t], kvHead * width) / Math.sqrt(width);
            max = Math.max(max, weights[t]);
          }
        }
        double sum = 0;
        for (int t = 0; t < tokens; t++) {
          weights[t] = Math.exp(weights[t] - max);
          sum += weights[t];
        }
        for (int t = 0; t < tokens; t++) {
          for (int j = 0; j < width; j++) {
            output[at + j] += weights[t] / sum * values[cache][t][kvHead * width + j];
          }
        }
      }
    }
    return output;
  }

  private double dot(double[] query, int at, double[] key, int from) {
    double sum = 0;
    for (int j = 0; j < shape.headDim(); j++) {
      sum += query[at + j] * key[from + j];
    }
    return sum;
  }

  /** The blocks kept: the last local ones, then the best; of equals, the first. */
  private boolean[] select(
      double[] query, int cache, int kvHead, int tokens, ResaConfig attention) {
    int blocks = attention.blocks(tokens);
    double[] scores = new double[blocks];
    Integer[] order = new Integer[blocks];
    for (int block = 0; block < blocks; block++) {
      int from = block * attention.blockSize();
      int to = Math.min(tokens, from + attention.blockSize());
      boolean local = block >= blocks - attention.localBlocks();
      scores[block] = local ? Double.POSITIVE_INFINITY : score(query, cache, kvHead, from, to);
      order[block] = block;
    }
    Arrays.sort(order, (a, b) -> Double.compare(scores[b], scores[a]));
    boolean[] kept = new boolean[blocks];
    for (int i = 0; i < attention.keepBlocks(tokens); i++) {
      kept[order[i]] = true;
    }
    return kept;
  }

  /** The most that the group's mean query can make of keys between the block's bounds. */
  private double score(double[] query, int cache, int kvHead, int from, int to) {
    int width = shape.headDim();
    double score = 0;
    for (int j = 0; j < width; j++) {
      double mean = 0;
      for (int g = 0; g < shape.group(); g++) {
        mean += query[(kvHead * shape.group() + g) * width + j] / shape.group();
      }
      double bound = Double.NEGATIVE_INFINITY;
      for (int t = from; t < to; t++) {
        bound = Math.max(bound, mean * keys[cache][t][kvHead * width + j]);
      }
      score += bound;
    }
    return score;
  }
}
