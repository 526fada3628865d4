/** Rectified sparse attention: the algorithm, the engine interface, and the engine on the JVM. */
module org.resa4j.core {
  // Without it the JVM engine computes in plain loops, and says so.
  requires static jdk.incubator.vector;
  requires java.management;
  requires jdk.management;

  exports org.resa4j.attention;
  exports org.resa4j.engine;
  exports org.resa4j.error;
  exports org.resa4j.model;
  exports org.resa4j.reference;

  uses org.resa4j.engine.DeviceProbe;
  uses org.resa4j.engine.EngineProvider;

  provides org.resa4j.engine.DeviceProbe with
      org.resa4j.engine.jvm.JvmProbe;
  provides org.resa4j.engine.EngineProvider with
      org.resa4j.engine.jvm.JvmEngineProvider;
}
