package org.resa4j.engine.jvm;

/**
 * Finds the fastest inner loops that this JVM can run, and says what to do where those are the slow
 * ones.
 */
final class VectorOpsLookup {
  private static final System.Logger LOG = System.getLogger("org.resa4j");
  private static final VectorOps OPS = find();

  private VectorOpsLookup() {}

  static VectorOps get() {
    return OPS;
  }

  static boolean vectorModulePresent() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static VectorOps find() {
    if (!vectorModulePresent()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Vector API off, computing in plain Java, several times slower: start the JVM with"
              + " --add-modules jdk.incubator.vector");
      return new ScalarOps();
    }
    return new PanamaOps();
  }
}
