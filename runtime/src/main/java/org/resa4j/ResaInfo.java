package org.resa4j;

import java.util.List;
import org.resa4j.engine.EngineInfo;
import org.resa4j.model.ModelConfig;

/**
 * What a {@link Resa} is.
 *
 * @param modelName the model's name
 * @param model its configuration
 * @param parameters elements of all its weights, tied ones once
 * @param engine what it runs on, and what that holds
 * @param settings what a text is written with unless its options say otherwise, and where each came
 *     from
 */
public record ResaInfo(
    String modelName,
    ModelConfig model,
    long parameters,
    EngineInfo engine,
    List<SettingOrigin> settings) {
  public ResaInfo {
    settings = List.copyOf(settings);
  }
}
