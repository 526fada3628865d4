package org.resa4j.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Base64;
import java.util.Optional;

/**
 * Tells engines of one process apart: what opens one anew, and what shares one.
 *
 * @param model where it is on this machine, and when it was put there
 * @param setup the change of its opening, as it travelled
 * @param gpu the address that Spark assigned; empty for none
 */
record EngineKey(String model, String setup, Optional<String> gpu) {

  static EngineKey of(BatchOptions options, Optional<String> gpu) {
    return new EngineKey(
        options.model().state(), Base64.getEncoder().encodeToString(bytes(options.engine())), gpu);
  }

  /**
   * @throws IllegalArgumentException if the options cannot travel
   */
  static void check(BatchOptions options) {
    bytes(options);
  }

  private static byte[] bytes(Serializable object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the options cannot travel to executors, a lambda of theirs holds what cannot be"
              + " serialised: "
              + e.getMessage(),
          e);
    }
    return bytes.toByteArray();
  }
}
