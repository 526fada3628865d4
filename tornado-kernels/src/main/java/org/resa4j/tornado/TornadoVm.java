package org.resa4j.tornado;

import java.util.Optional;

/**
 * Whether TornadoVM is there: an application may have this module on its class path and start
 * without the SDK, or without the flags that it needs.
 */
final class TornadoVm {
  private static final String API = "uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider";
  private static final Optional<String> FAULT = find();

  private TornadoVm() {}

  /** Why it cannot be used here; empty where it can. */
  static Optional<String> fault() {
    return FAULT;
  }

  private static Optional<String> find() {
    try {
      // By name: this class must load without TornadoVM's.
      Class.forName(API).getMethod("getTornadoRuntime").invoke(null);
      return Optional.empty();
    } catch (ClassNotFoundException e) {
      return Optional.of("its classes are not there: the JVM runs without the SDK's module path");
    } catch (ReflectiveOperationException | LinkageError e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return Optional.of("it does not start: " + root);
    }
  }
}
