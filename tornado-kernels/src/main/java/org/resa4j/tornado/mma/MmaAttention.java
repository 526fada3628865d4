package org.resa4j.tornado.mma;

import java.util.Optional;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.group.GroupAttention;

/**
 * Attention with estimate, attend and encode on tensor cores, where the cache is in fp16 and the
 * shape is one that the kernels are made for; elsewhere as {@link GroupAttention}.
 */
final class MmaAttention extends GroupAttention {
  /** Work-groups of attend and estimate that a compute unit holds at once. */
  private static final int RESIDENT = 12;

  private final int computeUnits;

  MmaAttention(Device device) {
    super(device);
    computeUnits = device.computeUnits();
  }

  private static boolean takes(CachePlan plan) {
    return plan.type() == KvType.F16 && MmaTiling.takes(plan.shape());
  }

  private static boolean takes(AttentionBuffers buffers) {
    return takes(buffers.layout().plan());
  }

  @Override
  public Optional<String> substitute(CachePlan plan) {
    return takes(plan) ? Optional.empty() : Optional.of("group");
  }

  @Override
  public int stepSplits(CachePlan plan, Device device) {
    return takes(plan)
        ? splits(computeUnits * RESIDENT, plan.options().sequences() * plan.shape().kvHeads())
        : super.stepSplits(plan, device);
  }

  /** One work-group of encode fits on a compute unit. */
  @Override
  public int encodeSplits(CachePlan plan, Device device) {
    if (!takes(plan)) {
      return super.encodeSplits(plan, device);
    }
    int tokens = Math.min(plan.options().encodeTokens(), RECTIFIED);
    int tiles =
        MmaEncodePairs.takes(plan)
            ? Math.ceilDiv(tokens * plan.shape().group(), MmaEncodePairs.ROWS)
            : MmaTiling.of(plan.shape(), tokens).tiles();
    return splits(computeUnits, plan.shape().kvHeads() * tiles);
  }

  @Override
  public int encodeTileRows(CachePlan plan) {
    if (!takes(plan)) {
      return super.encodeTileRows(plan);
    }
    return MmaEncodePairs.takes(plan)
        ? MmaEncodePairs.ROWS
        : MmaTiling.of(plan.shape(), plan.options().encodeTokens()).warps() * MmaEncode.WARP_ROWS;
  }

  @Override
  public void estimate(KernelGraph graph, AttentionBuffers buffers) {
    if (takes(buffers)) {
      MmaEstimate.launch(graph, buffers, computeUnits * RESIDENT);
    } else {
      super.estimate(graph, buffers);
    }
  }

  @Override
  protected void attend(KernelGraph graph, AttentionBuffers buffers, int mode) {
    if (!takes(buffers)) {
      super.attend(graph, buffers, mode);
    } else if (mode == AttendMode.CAUSAL) {
      encode(graph, buffers);
    } else {
      MmaAttend.launch(graph, buffers, mode);
    }
  }

  /** By pairs of warps where that kernel takes the plan. */
  private static void encode(KernelGraph graph, AttentionBuffers buffers) {
    if (MmaEncodePairs.takes(buffers.layout().plan())) {
      MmaEncodePairs.launch(graph, buffers);
    } else {
      MmaEncode.launch(graph, buffers);
    }
  }
}
