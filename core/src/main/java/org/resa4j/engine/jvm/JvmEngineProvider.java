package org.resa4j.engine.jvm;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Limits;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.LimitException;
import org.resa4j.error.Setting;
import org.resa4j.model.DType;
import org.resa4j.model.Model;

/** Offers the JVM engine: always there. */
public final class JvmEngineProvider implements EngineProvider {
  static final String NAME = "jvm";

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
  public Engine open(Model model, EngineOptions options, OpenProgress progress) {
    EngineInfo info =
        info(
            options,
            model.config().attention(),
            model.config().caches(),
            model.weightFormats(),
            model.weightBytes());
    Limits.sizes(model.config(), options);
    return opened(options, (workers, arena) -> new JvmEngine(model, info, ops, workers, arena));
  }

  @Override
  public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
    EngineInfo info = info(options, shape, 1, "none", 0);
    Limits.sizes(shape, options);
    return opened(
        options, (workers, arena) -> new JvmAttentionLayer(shape, info, ops, workers, arena));
  }

  /** Opens what keeps workers and native memory; gives both back where that fails. */
  @SuppressWarnings("MustBeClosedChecker") // closed by what is opened, or below
  static <T> T opened(EngineOptions options, BiFunction<Workers, Arena, T> open) {
    Workers workers = workers(options);
    Arena arena = Arena.ofShared();
    try {
      return open.apply(workers, arena);
    } catch (Throwable e) {
      workers.close();
      arena.close();
      if (e instanceof ArithmeticException || e instanceof OutOfMemoryError) {
        throw new DeviceMemoryException(
            "%d sequences of %d tokens take more than there is for them: %s"
                .formatted(options.sequences(), options.contextLength(), e.getMessage()),
            Long.MAX_VALUE,
            Runtime.getRuntime().maxMemory(),
            List.of(Setting.SEQUENCES, Setting.CONTEXT_LENGTH, Setting.ENCODE_TOKENS));
      }
      throw e;
    }
  }

  private static Workers workers(EngineOptions options) {
    int threads = threads(options);
    try {
      return new Workers(threads);
    } catch (OutOfMemoryError e) {
      throw new LimitException(
          "%d threads are more than this machine lets a process have: %s"
              .formatted(threads, e.getMessage()),
          threads,
          threads - 1,
          List.of(Setting.THREADS));
    }
  }

  static void checkDevice(String id) {
    if (!id.equals(NAME)) {
      throw new DeviceException(
          "engine jvm has no device %s; its only one is jvm".formatted(id),
          List.of(Setting.DEVICE));
    }
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
    CachePlan plan = CachePlan.of(shape, kvType, caches, options);
    long cacheBytes = plan.bytes();
    if (cacheBytes > device.memoryBytes()) {
      throw new DeviceMemoryException(
          "a KV cache of %d tokens (%d sequences of %d) in %s takes %s GiB, this machine has %s GiB"
              .formatted(
                  plan.tokens(),
                  options.sequences(),
                  options.contextLength(),
                  kvType,
                  gibibytes(cacheBytes),
                  gibibytes(device.memoryBytes())),
          cacheBytes,
          device.memoryBytes(),
          // A block is held whole, however short the context.
          options.blockSize() > options.contextLength()
              ? List.of(Setting.BLOCK_SIZE, Setting.SEQUENCES)
              : List.of(
                  Setting.CONTEXT_LENGTH,
                  Setting.SEQUENCES,
                  Setting.KV_TYPE,
                  Setting.CACHE_MEMORY));
    }
    return new EngineInfo(
        device,
        VectorOpsLookup.vectorModulePresent() ? "vector" : "scalar",
        kvType,
        weightType,
        weightBytes,
        true,
        plan.pages(),
        cacheBytes,
        options,
        true,
        true);
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
                "start the JVM with --add-modules jdk.incubator.vector"));
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
        batch.add(BlockTable.slots(layer.info()).getFirst(), 0, position, ResaConfig.DEFAULT);
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
