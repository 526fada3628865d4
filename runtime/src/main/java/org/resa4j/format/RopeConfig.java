package org.resa4j.format;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import org.resa4j.error.InputException;
import org.resa4j.model.Rope;

/**
 * Position scaling as {@code config.json} says it: {@code rope_theta} and {@code rope_scaling}, or
 * {@code rope_parameters}. Frequencies are computed in double precision and rounded once.
 *
 * @param rope what heads are turned by
 * @param maxContext positions that the model is good for with it
 * @param theta the base of unscaled frequencies
 * @param scaling what was said of scaling
 * @see <a href="https://arxiv.org/abs/2309.00071">YaRN, which tells of linear and dynamic too</a>
 * @see <a href="https://arxiv.org/abs/2402.13753">LongRoPE</a>
 */
record RopeConfig(Rope rope, int maxContext, double theta, Scaling scaling) {
  /**
   * What scaling was computed from.
   *
   * @param type as {@code rope_type} has it
   * @param factor 1 where there is none
   * @param positions before scaling
   * @param betaFast YaRN's, as {@code betaSlow}; of other types without meaning
   */
  record Scaling(String type, double factor, int positions, double betaFast, double betaSlow) {
    private static Scaling of(String type, double factor, int positions) {
      return new Scaling(type, factor, positions, BETA_FAST, BETA_SLOW);
    }
  }

  private static final double BETA_FAST = 32;
  private static final double BETA_SLOW = 1;
  private static final String TYPE = "rope_type";
  private static final String THETA = "rope_theta";
  private static final String FACTOR = "factor";
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String PARTIAL = "partial_rotary_factor";
  private static final String PARAMETERS = "rope_parameters";
  private static final String SCALING = "rope_scaling";

  /** Far above any model's; frequencies are allocated before a weight's shape is compared. */
  private static final int MOST_HEAD_DIM = 1 << 16;

  /** The reference library's, for configurations from before the key. */
  private static final double DEFAULT_THETA = 10_000;

  static RopeConfig read(JsonObject config, int headDim, int positions) {
    if (headDim % 2 != 0 || headDim > MOST_HEAD_DIM) {
      throw new InputException(
          "%s: a head dimension of %d is %s"
              .formatted(
                  config.where(), headDim, headDim % 2 != 0 ? "odd" : "above " + MOST_HEAD_DIM));
    }
    Optional<JsonObject> newer = config.object(PARAMETERS);
    // An empty one says nothing.
    Optional<JsonObject> older = config.object(SCALING).filter(each -> !each.keys().isEmpty());
    JsonObject parameters = winning(config, newer, older);
    for (JsonObject each : List.of(config, parameters)) {
      if (each.optionalPositiveNumber(PARTIAL).orElse(1.0) != 1) {
        throw new InputException(each.where() + ": " + PARTIAL + " is not supported");
      }
    }
    double theta =
        parameters.has(THETA)
            ? parameters.positiveNumber(THETA)
            : config.has(THETA)
                ? config.positiveNumber(THETA)
                : newer
                    .map(each -> each.positiveNumber(THETA, DEFAULT_THETA))
                    .orElse(DEFAULT_THETA);
    try {
      return new Reader(config, parameters, headDim, theta, positions).read();
    } catch (IllegalArgumentException e) {
      throw new InputException(parameters.where() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The older key, where it scales, wins over a newer one that does not: people add it to a
   * configuration as the model's page tells them. Two that scale must be the same.
   */
  private static JsonObject winning(
      JsonObject config, Optional<JsonObject> newer, Optional<JsonObject> older) {
    boolean scales = older.isPresent() && !type(older.get()).equals("default");
    boolean newerScales = newer.isPresent() && !type(newer.get()).equals("default");
    boolean differ =
        older.isPresent()
            && newer.isPresent()
            && (newerScales
                ? !older.get().node().equals(newer.get().node())
                : older.get().has(THETA)
                    && newer.get().has(THETA)
                    && !older.get().node().get(THETA).equals(newer.get().node().get(THETA)));
    if (differ) {
      throw new InputException(
          "%s: %s and %s contradict each other".formatted(config.where(), SCALING, PARAMETERS));
    }
    return scales ? older.get() : newer.or(() -> older).orElse(config);
  }

  private static String type(JsonObject parameters) {
    Optional<String> type = parameters.text(TYPE);
    Optional<String> older = parameters.text("type");
    if (type.isPresent() && older.isPresent() && !type.equals(older)) {
      throw parameters.wrong(TYPE, "what type is, " + older.get());
    }
    if (type.isEmpty() && older.isEmpty()) {
      Set<String> scaling = new TreeSet<>(parameters.keys());
      scaling.removeAll(Set.of(THETA, PARTIAL));
      if (!scaling.isEmpty()) {
        throw parameters.wrong(TYPE, "text, since there are " + scaling);
      }
    }
    return type.or(() -> older).orElse("default");
  }

  /** One configuration's, with its keys. */
  private record Reader(
      JsonObject config, JsonObject parameters, int headDim, double theta, int positions) {

    RopeConfig read() {
      // The configuration itself, where neither object is there, has keys of its own.
      String type = parameters == config ? "default" : type(parameters);
      return switch (type) {
        case "default" -> config(fixed(base(theta)), positions, Scaling.of(type, 1, positions));
        case "linear" -> {
          double factor = factor();
          yield config(
              fixed(mapped(frequency -> frequency / factor)),
              times(factor),
              Scaling.of(type, factor, parameters.positive(ORIGINAL, positions)));
        }
        case "dynamic" -> dynamic(factor());
        case "yarn" -> yarn();
        case "longrope" -> longRope();
        case "llama3" -> config(fixed(llama3()), positions, Scaling.of(type, factor(), original()));
        default ->
            throw parameters.wrong(
                parameters.has(TYPE) ? TYPE : "type",
                "default, linear, dynamic, yarn, longrope or llama3");
      };
    }

    private RopeConfig config(Rope rope, int maxContext, Scaling scaling) {
      return new RopeConfig(rope, maxContext, theta, scaling);
    }

    private double factor() {
      double factor = parameters.positiveNumber(FACTOR);
      if (factor < 1) {
        throw parameters.wrong(FACTOR, "at least 1");
      }
      return factor;
    }

    /** Positions before scaling, where the parameters do not say it. */
    private int original() {
      return config.has(ORIGINAL)
          ? config.positive(ORIGINAL)
          : parameters.positive(ORIGINAL, positions);
    }

    private int times(double factor) {
      return (int) Math.min(Integer.MAX_VALUE, parameters.positive(ORIGINAL, positions) * factor);
    }

    private double[] base(double theta) {
      double[] frequencies = new double[headDim / 2];
      for (int j = 0; j < frequencies.length; j++) {
        frequencies[j] = Math.pow(theta, -2.0 * j / headDim);
      }
      return frequencies;
    }

    private double[] mapped(DoubleUnaryOperator scale) {
      double[] frequencies = base(theta);
      for (int j = 0; j < frequencies.length; j++) {
        frequencies[j] = scale.applyAsDouble(frequencies[j]);
      }
      return frequencies;
    }

    private static Rope fixed(double[] frequencies) {
      return new Rope(rounded(frequencies));
    }

    private static float[] rounded(double[] frequencies) {
      float[] rounded = new float[frequencies.length];
      for (int j = 0; j < rounded.length; j++) {
        rounded[j] = (float) frequencies[j];
      }
      return rounded;
    }

    /** Unscaled up to the trained length; beyond, the base grows with the length. */
    private RopeConfig dynamic(double factor) {
      if (headDim == 2) {
        throw new InputException(parameters.where() + ": dynamic scaling needs heads wider than 2");
      }
      Rope rope =
          new Rope(
              rounded(base(theta)),
              1,
              positions,
              context -> {
                double stretch = factor * context / positions - (factor - 1);
                double exponent = headDim / (headDim - 2.0);
                return rounded(base(theta * Math.pow(stretch, exponent)));
              });
      return config(
          rope,
          (int) Math.min(Integer.MAX_VALUE, Math.floor(positions * factor)),
          Scaling.of("dynamic", factor, positions));
    }

    /** High frequencies are kept, low ones interpolated, with a ramp between. */
    private RopeConfig yarn() {
      int original = original();
      // The reference library takes the ratio of the lengths for a factor that is null.
      double factor =
          parameters.has(FACTOR) && parameters.node().get(FACTOR).isNull()
              ? positions / (double) original
              : factor();
      if (theta <= 1) {
        throw new InputException(
            "%s: yarn needs a %s above 1, is %s".formatted(parameters.where(), THETA, theta));
      }
      double fast = unlessZero("beta_fast").orElse(BETA_FAST);
      double slow = unlessZero("beta_slow").orElse(BETA_SLOW);
      double low = pairOfRotations(fast, original);
      double high = pairOfRotations(slow, original);
      // Null is false there.
      if (parameters.flag("truncate", !parameters.has("truncate"))) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, headDim - 1);
      if (low == high) {
        high += 0.001;
      }
      double[] frequencies = base(theta);
      for (int j = 0; j < frequencies.length; j++) {
        double interpolated = Math.clamp((j - low) / (high - low), 0.0, 1.0);
        frequencies[j] = frequencies[j] * (interpolated / factor + 1 - interpolated);
      }
      Rope rope = new Rope(rounded(frequencies), (float) yarnAttention(factor));
      return config(
          rope,
          (int) Math.min(Integer.MAX_VALUE, original * factor),
          new Scaling("yarn", factor, original, fast, slow));
    }

    /** The pair, of d/2, that turns so often within the original context. */
    private double pairOfRotations(double rotations, int original) {
      return headDim * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private double yarnAttention(double factor) {
      Optional<Double> given = parameters.optionalPositiveNumber("attention_factor");
      if (given.isPresent()) {
        return given.get();
      }
      Optional<Double> all = unlessZero("mscale");
      Optional<Double> dimensions = unlessZero("mscale_all_dim");
      return all.isPresent() && dimensions.isPresent()
          ? magnitude(factor, all.get()) / magnitude(factor, dimensions.get())
          : magnitude(factor, 1);
    }

    /** Zero counts as none, as in the reference library. */
    private Optional<Double> unlessZero(String key) {
      return parameters.has(key)
              && parameters.node().get(key).isNumber()
              && parameters.node().get(key).asDouble() == 0
          ? Optional.empty()
          : parameters.optionalPositiveNumber(key);
    }

    private static double magnitude(double factor, double scale) {
      return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    /** A factor for each pair: one list up to the original length, another beyond. */
    private RopeConfig longRope() {
      int original = original();
      Optional<Double> given = parameters.optionalPositiveNumber(FACTOR);
      double factor = given.orElse(positions / (double) original);
      double attention =
          parameters
              .optionalPositiveNumber("attention_factor")
              .orElse(factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original)));
      float[] near = divided("short_factor");
      float[] far = divided("long_factor");
      int most =
          given.isPresent() ? (int) Math.min(Integer.MAX_VALUE, original * factor) : positions;
      return config(
          new Rope(near, (float) attention, original, context -> far),
          most,
          Scaling.of("longrope", factor, original));
    }

    private float[] divided(String key) {
      double[] factors = parameters.positiveNumbers(key);
      if (factors.length != headDim / 2) {
        throw parameters.wrong(key, "a list of %d numbers".formatted(headDim / 2));
      }
      double[] frequencies = base(theta);
      for (int j = 0; j < frequencies.length; j++) {
        frequencies[j] /= factors[j];
      }
      return rounded(frequencies);
    }

    /** Long wavelengths are stretched by the factor, short ones kept, those between blended. */
    private double[] llama3() {
      double factor = factor();
      double low = parameters.positiveNumber("low_freq_factor");
      double high = parameters.positiveNumber("high_freq_factor");
      double original = original();
      if (high <= low) {
        throw parameters.wrong("high_freq_factor", "above low_freq_factor, " + low);
      }
      return mapped(
          frequency -> {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength > original / low) {
              return frequency / factor;
            }
            if (wavelength < original / high) {
              return frequency;
            }
            double smooth = (original / wavelength - low) / (high - low);
            return (1 - smooth) * frequency / factor + smooth * frequency;
          });
    }
  }
}
