package org.resa4j.engine.jvm;

/**
 * Finds the fastest inner loops that this JVM can run, and says what to do where those are the slow
 * ones.
 */
final class VectorOpsLookup {
  private static final String MODULE = "jdk.incubator.vector";
  private static final System.Logger LOG = System.getLogger("org.resa4j");
  private static final VectorOps OPS = find();

  private VectorOpsLookup() {}

  static VectorOps get() {
    return OPS;
  }

  /**
   * Whether the Vector API's module is there, or can be loaded now. {@code --add-modules} has it in
   * the boot layer, and the JVM prints a warning at every start that no option silences. Java loads
   * modules of its own later by the method called here, without one; the launcher exports its
   * package.
   */
  static boolean vectorModulePresent() {
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      return true;
    }
    try {
      Object loaded =
          Class.forName("jdk.internal.module.Modules")
              .getMethod("loadModule", String.class)
              .invoke(null, MODULE);
      VectorOpsLookup.class.getModule().addReads((Module) loaded);
      return true;
    } catch (ReflectiveOperationException e) {
      // Not exported, or a run-time image without the module.
      return false;
    }
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
