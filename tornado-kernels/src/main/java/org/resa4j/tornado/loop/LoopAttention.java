package org.resa4j.tornado.loop;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.KvStorage;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.EightBits;
import org.resa4j.tornado.graph.KernelGraph;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention in loop-parallel kernels: coarse items, a whole head or run of blocks each, with inner
 * loops over the head dimension that the device's compiler can vectorise.
 */
public final class LoopAttention implements AttentionTasks {
  /** Items for each compute unit, which even out what they take. */
  private static final int ITEMS_PER_UNIT = 4;

  @Override
  public void check(CachePlan plan) {
    if (plan.type() == KvType.F16) {
      throw new DeviceException(
          "the loop kernels hold the KV cache in fp32 or in eight bits", List.of(Setting.KV_TYPE));
    }
    AttentionShape shape = plan.shape();
    int blockSize = plan.options().blockSize();
    if (shape.headDim() > LoopEstimate.MAX_HEAD_DIM
        || shape.group() > LoopAttend.MAX_GROUP
        || shape.group() * shape.headDim() > LoopAttend.MAX_GROUP_VALUES
        || blockSize > LoopAttend.MAX_BLOCK) {
      throw new DeviceException(
          ("the loop kernels take head dimensions to %d, groups to %d, their product to %d and"
                  + " blocks to %d; asked for were d=%d, G=%d, b=%d")
              .formatted(
                  LoopEstimate.MAX_HEAD_DIM,
                  LoopAttend.MAX_GROUP,
                  LoopAttend.MAX_GROUP_VALUES,
                  LoopAttend.MAX_BLOCK,
                  shape.headDim(),
                  shape.group(),
                  blockSize));
    }
  }

  /** Nothing is in fp16. */
  @Override
  public KvStorage storage(KvType type, Device device) {
    return type == KvType.Q8
        ? new KvStorage(EightBits.GROUP, EightBits.GROUP_BYTES, Float.BYTES)
        : KvStorage.of(type);
  }

  @Override
  public int stepSplits(CachePlan plan, Device device) {
    return Math.max(
        1, Math.ceilDiv(device.computeUnits() * ITEMS_PER_UNIT, plan.shape().kvHeads()));
  }

  @Override
  public int encodeSplits(CachePlan plan, Device device) {
    return 0;
  }

  @Override
  public int encodeTileRows(CachePlan plan) {
    return LoopEncode.tileTokens(plan.shape().group()) * plan.shape().group();
  }

  @Override
  public void receiveTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers) {
    LoopPages.launchTables(graph, sent, buffers);
  }

  @Override
  public void copyPage(KernelGraph graph, AttentionBuffers buffers) {
    LoopPages.launchCopy(graph, buffers);
  }

  @Override
  public void append(KernelGraph graph, AttentionBuffers buffers) {
    if (buffers.cache().key().format() == CachedRows.EIGHT) {
      LoopEightAppend.launch(graph, buffers, AttendMode.SELECTED);
    } else {
      LoopAppend.launch(graph, buffers);
    }
  }

  @Override
  public void estimate(KernelGraph graph, AttentionBuffers buffers) {
    LoopEstimate.launch(graph, buffers);
  }

  @Override
  public void select(KernelGraph graph, AttentionBuffers buffers) {
    LoopSelect.launch(graph, buffers);
  }

  @Override
  public void attend(KernelGraph graph, AttentionBuffers buffers) {
    LoopAttend.launch(graph, buffers, false);
  }

  @Override
  public void attendDense(KernelGraph graph, AttentionBuffers buffers) {
    LoopAttend.launch(graph, buffers, true);
  }

  @Override
  public void encodeAppend(KernelGraph graph, AttentionBuffers buffers) {
    if (buffers.cache().key().format() == CachedRows.EIGHT) {
      LoopEightAppend.launch(graph, buffers, AttendMode.CAUSAL);
    } else {
      LoopAppend.launchOfChunk(graph, buffers);
    }
  }

  @Override
  public void encodeDrift(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    LoopDrift.launch(graph, buffers, drift);
  }

  @Override
  public void driftSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    LoopDrift.launchSums(graph, buffers, drift);
  }

  @Override
  public void encodeAttend(KernelGraph graph, AttentionBuffers buffers) {
    LoopEncode.launch(graph, buffers);
  }
}
