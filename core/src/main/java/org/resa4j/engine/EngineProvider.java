package org.resa4j.engine;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.model.Model;

/** Offers an engine; found through {@link java.util.ServiceLoader}. */
public interface EngineProvider {

  /** The name by which it is chosen. */
  String name();

  /** The devices it can run on here, the preferred one first; empty where there is none. */
  List<Device> devices();

  /**
   * Puts a model on a device. All sizes are checked against the device before anything is
   * allocated.
   *
   * @throws org.resa4j.error.DeviceMemoryException if it does not fit
   * @throws org.resa4j.error.DeviceException if there is no such device, it lacks a number format,
   *     or a kernel does not compile on it
   */
  default Engine open(Model model, EngineOptions options) {
    return open(model, options, OpenProgress.NONE);
  }

  /** The same, heard as it comes, on the calling thread. */
  Engine open(Model model, EngineOptions options, OpenProgress progress);

  /** Opens the attention of one layer alone, with the same checks. */
  AttentionLayer openAttention(AttentionShape shape, EngineOptions options);

  /** What this engine needs and whether it is there, a kernel's checked result included. */
  List<Diagnosis> diagnose();
}
