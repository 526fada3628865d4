package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.AttentionLayer;
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
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.group.GroupAttentionTasks;
import org.resa4j.tornado.loop.LoopAttentionTasks;

/** The engine {@code tornado}: Java kernels that TornadoVM compiles for OpenCL, CUDA or PTX. */
public final class TornadoEngineProvider implements EngineProvider {
  static final String NAME = "tornado";

  /** Overrides the device's choice of kernel family, for tests: {@code loop} or {@code group}. */
  static final String KERNELS = "resa.tornado.kernels";

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
    AttentionTasks tasks = family(device.device());
    AttentionLayout layout =
        layout(
            model.config().attention(), model.config().caches(), options, device.device(), tasks);
    // Weights that were stored in fp32 keep their precision.
    boolean half = device.device().fp16() && model.embedding().dtype() != DType.F32;
    MemoryPlan plan = new MemoryPlan(device.device());
    long cacheBytes = plan.cache(layout);
    plan.workspace(layout);
    long weightBytes = plan.model(model, layout, half);
    plan.check();
    EngineInfo info =
        new EngineInfo(
            device.device(),
            layout.storage().type(),
            half ? "F16" : "F32",
            weightBytes,
            false,
            layout.plan().pages(),
            cacheBytes,
            options);
    return new TornadoEngine(model, info, layout, tasks, half, device, progress);
  }

  @Override
  public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
    Requirements.check();
    OpenedDevice device = TornadoDevices.find(options.deviceId());
    Limits.sizes(shape, options);
    AttentionTasks tasks = family(device.device());
    AttentionLayout layout = layout(shape, 1, options, device.device(), tasks);
    MemoryPlan plan = new MemoryPlan(device.device());
    long cacheBytes = plan.cache(layout);
    plan.workspace(layout);
    plan.check();
    EngineInfo info =
        new EngineInfo(
            device.device(),
            layout.storage().type(),
            "none",
            0,
            false,
            layout.plan().pages(),
            cacheBytes,
            options);
    return new TornadoAttentionLayer(info, layout, tasks, device);
  }

  private static AttentionTasks family(Device device) {
    String name = System.getProperty(KERNELS, "");
    return switch (name) {
      case "" ->
          device.kind() == Device.Kind.GPU
              ? new GroupAttentionTasks(device)
              : new LoopAttentionTasks();
      case "loop" -> new LoopAttentionTasks();
      case "group" -> new GroupAttentionTasks(device);
      default -> throw new DeviceException("-D%s=%s: loop or group".formatted(KERNELS, name));
    };
  }

  private static AttentionLayout layout(
      AttentionShape shape,
      int caches,
      EngineOptions options,
      Device device,
      AttentionTasks tasks) {
    boolean halfByDefault = device.fp16() && !tasks.name().equals("loop");
    KvType type = options.kvType().orElse(halfByDefault ? KvType.F16 : KvType.F32);
    if (type == KvType.F16 && !device.fp16()) {
      throw new DeviceException(
          "%s (%s) has no half precision".formatted(device.id(), device.name()),
          List.of(Setting.KV_TYPE, Setting.DEVICE));
    }
    return AttentionLayout.of(CachePlan.of(shape, type, caches, options), tasks, device);
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
    }
    return findings;
  }
}
