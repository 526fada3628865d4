package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.KvStorage;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Limits;
import org.resa4j.engine.OpenProgress;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.kernel.KernelFamily;

/** The engine {@code tornado}: Java kernels that TornadoVM compiles for OpenCL, CUDA or PTX. */
public final class TornadoEngineProvider implements EngineProvider {
  static final String NAME = "tornado";

  private final Function<Device, KernelFamily> families;

  /** With the family of kernels that suits a device best. */
  public TornadoEngineProvider() {
    this(KernelFamilies::of);
  }

  /**
   * For tests.
   *
   * @param families the kernels that a device gets
   */
  TornadoEngineProvider(Function<Device, KernelFamily> families) {
    this.families = families;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Device> devices() {
    return TornadoVm.fault().isPresent()
        ? List.of()
        : TornadoDevices.all().stream().map(OpenedDevice::device).toList();
  }

  @Override
  public Engine open(Model model, EngineOptions options, OpenProgress progress) {
    Requirements.check();
    OpenedDevice device = TornadoDevices.find(options.deviceId());
    Limits.sizes(model.config(), options);
    KernelFamily family = families.apply(device.device());
    AttentionTasks attention = family.attention(device.device());
    AttentionLayout layout =
        layout(
            model.config().attention(),
            model.config().caches(),
            options,
            device,
            family,
            attention);
    // Weights that were stored in fp32 keep their precision.
    boolean half = device.device().fp16() && model.embedding().dtype() != DType.F32;
    DeviceMemory memory = new DeviceMemory(device.device());
    EngineArrays.of(memory, model, layout, family, half);
    memory.check();
    EngineInfo info =
        new EngineInfo(
            device.device(),
            kernels(family, attention, layout.plan()),
            layout.plan().type(),
            weightType(model, half),
            memory.bytes(WeightUploader.WEIGHTS),
            false,
            layout.plan().pages(),
            cacheBytes(memory),
            options);
    EngineArrays arrays = EngineArrays.of(ArraySource.ALLOCATED, model, layout, family, half);
    arrays.uploader().fill();
    return new TornadoEngine(model.config(), info, layout, arrays, attention, device, progress);
  }

  /**
   * The formats of the matrices on the device, those with most bytes first: a quantised one's is
   * the file's, as its numbers are.
   */
  private static String weightType(Model model, boolean half) {
    Map<String, Long> bytes = new TreeMap<>();
    for (Tensor tensor : model.tensors()) {
      if (tensor.shape().length == 2) {
        String type = tensor.dtype().isQuantised() ? tensor.dtype().name() : half ? "F16" : "F32";
        bytes.merge(type, tensor.data().byteSize(), Long::sum);
      }
    }
    return bytes.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .map(Map.Entry::getKey)
        .collect(Collectors.joining("+"));
  }

  /** The family, and whose attention kernels stand in for its own. */
  private static String kernels(KernelFamily family, AttentionTasks attention, CachePlan plan) {
    return attention
        .substitute(plan)
        .map(other -> family.name() + ", attention by " + other)
        .orElse(family.name());
  }

  private static long cacheBytes(DeviceMemory memory) {
    return memory.bytes(AttentionBuffers.CACHE) + memory.bytes(AttentionBuffers.DESCRIPTORS);
  }

  @Override
  public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
    Requirements.check();
    OpenedDevice device = TornadoDevices.find(options.deviceId());
    Limits.sizes(shape, options);
    KernelFamily family = families.apply(device.device());
    AttentionTasks attention = family.attention(device.device());
    AttentionLayout layout = layout(shape, 1, options, device, family, attention);
    DeviceMemory memory = new DeviceMemory(device.device());
    TornadoAttentionLayer.count(memory, layout);
    memory.check();
    EngineInfo info =
        new EngineInfo(
            device.device(),
            kernels(family, attention, layout.plan()),
            layout.plan().type(),
            "none",
            0,
            false,
            layout.plan().pages(),
            cacheBytes(memory),
            options);
    return new TornadoAttentionLayer(info, layout, attention, device);
  }

  private static AttentionLayout layout(
      AttentionShape shape,
      int caches,
      EngineOptions options,
      OpenedDevice opened,
      KernelFamily family,
      AttentionTasks attention) {
    Device device = opened.device();
    KvType type = options.kvType().orElseGet(() -> family.usualType(device));
    if (type == KvType.F16 && !device.fp16()) {
      throw new DeviceException(
          "%s (%s) has no half precision".formatted(device.id(), device.name()),
          List.of(Setting.KV_TYPE, Setting.DEVICE));
    }
    KvStorage storage = attention.storage(type, device);
    return AttentionLayout.of(
        CachePlan.of(shape, type, storage, caches, options), attention, device);
  }

  @Override
  public List<Diagnosis> diagnose() {
    if (TornadoVm.fault().isPresent()) {
      return List.of(
          Diagnosis.fault(
              "TornadoVM",
              TornadoVm.fault().get(),
              "start the JVM with the SDK's flags, as the argument file of setup-tornado.sh has"
                  + " them"));
    }
    List<Diagnosis> findings = new ArrayList<>(Requirements.diagnose());
    List<Device> devices = devices();
    if (devices.isEmpty()) {
      findings.add(
          Diagnosis.fault(
              "devices",
              "TornadoVM sees none",
              "install an OpenCL driver; without a GPU, PoCL: apt-get install pocl-opencl-icd"));
    }
    for (Device device : devices) {
      findings.add(
          Diagnosis.good(
              device.id(),
              "%s, %s, %d compute units, %s"
                  .formatted(
                      device.name(),
                      DeviceMemory.size(device.memoryBytes()),
                      device.computeUnits(),
                      device.fp16() ? "fp16" : "no fp16: the KV cache is kept in fp32")));
      findings.add(SelfCheck.run(this, device));
      if (device.backend().equals("cuda")) {
        findings.add(CuBlasCheck.run(TornadoDevices.find(Optional.of(device.id()))));
      }
    }
    return findings;
  }
}
