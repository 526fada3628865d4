package org.resa4j.format;

import java.nio.file.Path;
import org.resa4j.error.InputException;
import org.resa4j.model.Rope;
import tools.jackson.databind.JsonNode;

/**
 * Reads RoPE's settings: {@code rope_theta} and {@code rope_scaling}, or {@code rope_parameters}.
 */
final class RopeConfig {
  private RopeConfig() {}

  static Rope read(Path file, JsonNode config, int headDim) {
    if (headDim % 2 != 0) {
      throw new InputException("%s: head dimension %d is odd".formatted(file, headDim));
    }
    JsonNode parameters = config.path("rope_parameters");
    if (!parameters.isObject()) {
      parameters = config.path("rope_scaling");
    }
    double theta =
        parameters.path("rope_theta").isNumber()
            ? parameters.path("rope_theta").asDouble()
            : config.path("rope_theta").asDouble(10000);
    if (config.path("partial_rotary_factor").asDouble(1) != 1) {
      throw new InputException(file + ": partial_rotary_factor is not supported");
    }
    float[] frequencies = new float[headDim / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = (float) (1 / Math.pow(theta, 2.0 * j / headDim));
    }
    String type =
        parameters.path("rope_type").asString(parameters.path("type").asString("default"));
    switch (type) {
      case "default" -> {}
      case "linear" -> scaleLinearly(frequencies, Json.number(file, parameters, "factor"));
      case "llama3" -> scaleAsLlama3(file, parameters, frequencies);
      default ->
          throw new InputException(
              "%s: RoPE scaling %s is not supported; default, linear and llama3 are"
                  .formatted(file, type));
    }
    return new Rope(frequencies);
  }

  private static void scaleLinearly(float[] frequencies, double factor) {
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = (float) (frequencies[j] / factor);
    }
  }

  /** Long wavelengths are stretched by the factor, short ones kept, those between interpolated. */
  private static void scaleAsLlama3(Path file, JsonNode parameters, float[] frequencies) {
    double factor = Json.number(file, parameters, "factor");
    double low = Json.number(file, parameters, "low_freq_factor");
    double high = Json.number(file, parameters, "high_freq_factor");
    double original = Json.number(file, parameters, "original_max_position_embeddings");
    for (int j = 0; j < frequencies.length; j++) {
      double wavelength = 2 * Math.PI / frequencies[j];
      if (wavelength > original / low) {
        frequencies[j] = (float) (frequencies[j] / factor);
      } else if (wavelength >= original / high) {
        double smooth = (original / wavelength - low) / (high - low);
        frequencies[j] = (float) ((1 - smooth) * frequencies[j] / factor + smooth * frequencies[j]);
      }
    }
  }
}
