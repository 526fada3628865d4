package org.resa4j.tornado;

import java.util.List;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.KvType;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.tornado.loop.LoopAttentionTasks;

/** The engine {@code tornado}: Java kernels that TornadoVM compiles for OpenCL, CUDA or PTX. */
public final class TornadoEngineProvider implements EngineProvider {
  static final String NAME = "tornado";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Device> devices() {
    return TornadoDevices.all().stream().map(OpenedDevice::device).toList();
  }

  @Override
  public Engine open(Model model, EngineOptions options) {
    OpenedDevice device = TornadoDevices.find(options.deviceId());
    AttentionTasks tasks = new LoopAttentionTasks();
    AttentionLayout layout = layout(model.config().attention(), options, device.device(), tasks);
    boolean half = device.device().fp16() && model.embedding().dtype() != DType.F32;
    EngineInfo info =
        new EngineInfo(
            device.device(), layout.storage().type(), half ? "F16" : "F32", 0, 0, options);
    return new TornadoEngine(model, info, layout, tasks, half, device);
  }

  @Override
  public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
    OpenedDevice device = TornadoDevices.find(options.deviceId());
    AttentionTasks tasks = new LoopAttentionTasks();
    AttentionLayout layout = layout(shape, options, device.device(), tasks);
    EngineInfo info =
        new EngineInfo(device.device(), layout.storage().type(), "none", 0, 0, options);
    return new TornadoAttentionLayer(info, layout, tasks, device);
  }

  private static AttentionLayout layout(
      AttentionShape shape, EngineOptions options, Device device, AttentionTasks tasks) {
    KvType type = options.kvType().orElse(device.fp16() ? KvType.F16 : KvType.F32);
    tasks.check(shape, options.blockSize());
    return new AttentionLayout(
        shape,
        options.sequences(),
        options.contextLength(),
        options.blockSize(),
        options.encodeTokens(),
        tasks.stepSplits(shape, options, device),
        tasks.encodeSplits(shape, options, device),
        tasks.storage(type));
  }

  @Override
  public List<Diagnosis> diagnose() {
    return List.of();
  }
}
