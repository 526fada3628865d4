package org.resa4j.tornado.layer;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.Setting;
import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Placeholders.Role;
import org.resa4j.tornado.array.Reals;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What passes from layer to layer and between the stages of one, shared by all layers. Rows are a
 * step's rows or an encode call's tokens.
 *
 * @param x the residual stream, {@code [row][hidden]}
 * @param normed {@code [row][hidden]}
 * @param qkv {@code [row][Hq + 2 Hkv][d]}
 * @param gateUp {@code [row][2][intermediate]}
 * @param gated {@code [row][intermediate]}
 * @param angles {@code [row][2][d/2]}, cosines then sines of the rows' positions
 * @param logits {@code [row][vocabulary]}, of as many rows as a call leaves logits of
 * @param best the highest logit's id in each part of the vocabulary, {@code [row][PARTS]}, see
 *     {@link Highest#PARTS}
 */
public record Activations(
    FloatArray x,
    Reals normed,
    FloatArray qkv,
    FloatArray gateUp,
    Reals gated,
    FloatArray angles,
    FloatArray logits,
    IntArray best) {

  /**
   * @param rows the most rows of a call
   * @param logitRows the most of them that leave logits
   * @param halfInputs whether what goes into matrix products is in fp16
   */
  public static Activations allocate(
      ArraySource source,
      Placeholders placeholders,
      ModelConfig config,
      int rows,
      int logitRows,
      boolean halfInputs) {
    AttentionShape shape = config.attention();
    long heads = shape.heads() + 2L * shape.kvHeads();
    List<Setting> settings = List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);
    return new Activations(
        source.floats("activations", (long) rows * config.hidden(), settings),
        placeholders.reals(
            source, Role.INPUT, halfInputs, "activations", (long) rows * config.hidden(), settings),
        source.floats("activations", rows * heads * shape.headDim(), settings),
        source.floats("MLP activations", 2L * rows * config.intermediate(), settings),
        placeholders.reals(
            source,
            Role.INPUT,
            halfInputs,
            "MLP activations",
            (long) rows * config.intermediate(),
            settings),
        source.floats("angles", (long) rows * shape.headDim(), settings),
        source.floats("logits", (long) logitRows * config.vocabulary(), settings),
        source.ints("highest logits", (long) logitRows * Highest.PARTS, settings));
  }

  /** What layers work on. */
  public List<TornadoNativeArray> ofLayers() {
    return List.of(x, normed.array(), qkv, gateUp, gated.array(), angles);
  }

  /** What the head works on. */
  public List<TornadoNativeArray> ofHead() {
    return List.of(x, normed.array(), logits, best);
  }
}
