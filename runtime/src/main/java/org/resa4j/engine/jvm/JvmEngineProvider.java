package org.resa4j.engine.jvm;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.resa4j.DeviceException;
import org.resa4j.DeviceMemoryException;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StepBatch;
import org.resa4j.model.DType;
import org.resa4j.model.Model;

/** Offers the JVM engine: always there. */
public final class JvmEngineProvider implements EngineProvider {
  private static final String NAME = "jvm";

  private final VectorOps ops = VectorOpsLookup.get();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Device> devices() {
    return List.of(device());
  }

  private Device device() {
    long memory = memoryBytes();
    return new Device(
        NAME,
        NAME,
        ops.name(),
        System.getProperty("java.vm.name") + ", " + System.getProperty("os.arch"),
        Device.Kind.CPU,
        memory,
        memory,
        true,
        Runtime.getRuntime().availableProcessors());
  }

  private static long memoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  @Override
  public Engine open(Model model, EngineOptions options) {
    EngineInfo info =
        info(
            options,
            model.config().attention(),
            model.config().caches(),
            model.head().dtype().name(),
            model.weightBytes());
    return new JvmEngine(model, info, ops, threads(options));
  }

  @Override
  public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
    return new JvmAttentionLayer(shape, info(options, shape, 1, "none", 0), ops, threads(options));
  }

  private static void checkDevice(String id) {
    if (!id.equals(NAME)) {
      throw new DeviceException("engine jvm has no device %s; its only one is jvm".formatted(id));
    }
  }

  @Override
  public boolean hasDeviceClock() {
    return false;
  }

  @Override
  public double copyBandwidth(Device device) {
    checkDevice(device.id());
    return CopyBandwidth.measure(Runtime.getRuntime().availableProcessors());
  }

  private static int threads(EngineOptions options) {
    return options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
  }

  private EngineInfo info(
      EngineOptions options,
      AttentionShape shape,
      int caches,
      String weightType,
      long weightBytes) {
    options.deviceId().ifPresent(JvmEngineProvider::checkDevice);
    Device device = device();
    // Fp16 halves what is read but costs conversions that the Vector API has no instruction for.
    KvType kvType = options.kvType().orElse(KvType.F32);
    long cacheBytes;
    try {
      cacheBytes = Math.multiplyExact(LayerCache.bytes(shape, options, kvType), (long) caches);
    } catch (ArithmeticException e) {
      cacheBytes = Long.MAX_VALUE;
    }
    if (cacheBytes > device.memoryBytes()) {
      throw new DeviceMemoryException(
          "a KV cache of %d sequences of %d tokens in %s takes %s GiB, this machine has %s GiB: lower"
                  .formatted(
                      options.sequences(),
                      options.contextLength(),
                      kvType,
                      gibibytes(cacheBytes),
                      gibibytes(device.memoryBytes()))
              + " -c/--ctx-size or take --kv-type f16");
    }
    return new EngineInfo(device, kvType, weightType, weightBytes, cacheBytes, options);
  }

  private static String gibibytes(long bytes) {
    return "%.1f".formatted(bytes / (double) (1L << 30));
  }

  @Override
  public List<Diagnosis> diagnose() {
    List<Diagnosis> findings = new ArrayList<>();
    findings.add(
        VectorOpsLookup.vectorModulePresent()
            ? Diagnosis.good("Vector API", "in use, on " + device().computeUnits() + " cores")
            : Diagnosis.fault(
                "Vector API",
                "not in use: the engine computes in plain Java, several times slower",
                "start the JVM with --add-modules jdk.incubator.vector, as ./resa does"));
    findings.add(attentionCheck());
    return findings;
  }

  /** Attends to two tokens whose weights are known: 1/4 and 3/4. */
  private Diagnosis attentionCheck() {
    AttentionShape shape = new AttentionShape(1, 1, 4);
    float[] output = new float[4];
    try (AttentionLayer layer = openAttention(shape, EngineOptions.of(16).withKvType(KvType.F32))) {
      StepBatch batch = new StepBatch(1);
      float[] query = {2 * (float) Math.log(3), 0, 0, 0};
      for (int position = 0; position < 2; position++) {
        batch.clear();
        batch.add(0, 0, position, ResaConfig.DEFAULT);
        float[] key = {position, 0, 0, 0};
        float[] value = {position, 1 - position, 1, 0};
        layer.step(batch, query, key, value, output);
      }
    }
    float[] expected = {0.75f, 0.25f, 1, 0};
    for (int j = 0; j < expected.length; j++) {
      if (Math.abs(output[j] - expected[j]) > 1e-5f) {
        return Diagnosis.fault(
            "JVM attention",
            "computed %s, not %s".formatted(Arrays.toString(output), Arrays.toString(expected)),
            "report it with the output of: java -XX:+PrintFlagsFinal -version");
      }
    }
    return Diagnosis.good(
        "JVM attention", "computes what it should, " + DType.F32 + ", " + ops.name());
  }
}
