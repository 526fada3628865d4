package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.graph.KernelGraph;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Attention in kernels of work-groups with local memory. */
public class GroupAttention implements AttentionTasks {
  /** Work-groups of attend that a compute unit holds at once. */
  private static final int RESIDENT = 4;

  /** Work-groups of encode that it holds at once. */
  private static final int ENCODE_RESIDENT = 2;

  /** Tokens of a usual rectification; fewer splits would serve longer chunks. */
  protected static final int RECTIFIED = 32;

  private final int selectItems;
  private final boolean tiled;

  /**
   * @param device the device that the kernels will run on
   */
  public GroupAttention(Device device) {
    this(device, device.kind() == Device.Kind.GPU);
  }

  /**
   * @param tiled whether a chunk is attended to by {@link GroupEncode}; for CPUs it takes half a
   *     minute to compile
   */
  public GroupAttention(Device device, boolean tiled) {
    this.tiled = tiled;
    selectItems = device.kind() == Device.Kind.GPU ? 512 : 256;
  }

  @Override
  public void check(CachePlan plan) {
    AttentionShape shape = plan.shape();
    if (shape.headDim() > GroupAttend.MAX_HEAD_DIM || shape.group() > GroupAttend.MAX_GROUP) {
      throw new DeviceException(
          "the group kernels take head dimensions to %d and groups to %d; asked for were d=%d, G=%d"
              .formatted(
                  GroupAttend.MAX_HEAD_DIM, GroupAttend.MAX_GROUP, shape.headDim(), shape.group()));
    }
  }

  @Override
  public int stepSplits(CachePlan plan, Device device) {
    return splits(
        device.computeUnits() * RESIDENT, plan.options().sequences() * plan.shape().kvHeads());
  }

  @Override
  public int encodeSplits(CachePlan plan, Device device) {
    int tokens = Math.min(plan.options().encodeTokens(), RECTIFIED);
    if (!tiled) {
      return splits(device.computeUnits() * RESIDENT, plan.shape().kvHeads() * tokens);
    }
    int tiles = Math.ceilDiv(tokens * plan.shape().group(), GroupEncode.ROWS);
    return splits(device.computeUnits() * ENCODE_RESIDENT, plan.shape().kvHeads() * tiles);
  }

  /** As many as fit at once: one work-group more would take as long again as all of them. */
  protected static int splits(int resident, int others) {
    return Math.clamp(resident / others, 1, GroupCombine.MAX_SPLITS);
  }

  @Override
  public int encodeTileRows(CachePlan plan) {
    return tiled
        ? GroupEncode.ROWS
        : Math.multiplyExact(plan.options().encodeTokens(), plan.shape().group());
  }

  @Override
  public void receiveTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers) {
    GroupPages.launchTables(graph, sent, buffers);
  }

  @Override
  public void copyPage(KernelGraph graph, AttentionBuffers buffers) {
    GroupPages.launchCopy(graph, buffers);
  }

  @Override
  public void append(KernelGraph graph, AttentionBuffers buffers) {
    if (buffers.cache().key().format() == CachedRows.EIGHT) {
      GroupEightAppend.launch(graph, buffers, AttendMode.SELECTED);
    } else {
      GroupAppend.launch(graph, buffers);
    }
  }

  @Override
  public void estimate(KernelGraph graph, AttentionBuffers buffers) {
    GroupEstimate.launch(graph, buffers);
  }

  @Override
  public void select(KernelGraph graph, AttentionBuffers buffers) {
    GroupSelect.launch(graph, buffers, selectItems);
  }

  @Override
  public void attend(KernelGraph graph, AttentionBuffers buffers) {
    attend(graph, buffers, AttendMode.SELECTED);
    GroupCombine.launch(graph, buffers, AttendMode.SELECTED);
  }

  @Override
  public void attendDense(KernelGraph graph, AttentionBuffers buffers) {
    attend(graph, buffers, AttendMode.DENSE);
    GroupCombine.launch(graph, buffers, AttendMode.DENSE);
  }

  @Override
  public void encodeAppend(KernelGraph graph, AttentionBuffers buffers) {
    if (buffers.cache().key().format() == CachedRows.EIGHT) {
      GroupEightAppend.launch(graph, buffers, AttendMode.CAUSAL);
    } else {
      GroupAppend.launchOfChunk(graph, buffers);
    }
  }

  @Override
  public void encodeDrift(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    GroupDrift.launch(graph, buffers, drift);
  }

  @Override
  public void driftSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    GroupDrift.launchSums(graph, buffers, drift);
  }

  @Override
  public void encodeAttend(KernelGraph graph, AttentionBuffers buffers) {
    attend(graph, buffers, AttendMode.CAUSAL);
    GroupCombine.launch(graph, buffers, AttendMode.CAUSAL);
  }

  /** The part before the splits are combined. */
  protected void attend(KernelGraph graph, AttentionBuffers buffers, int mode) {
    if (tiled && mode == AttendMode.CAUSAL) {
      GroupEncode.launch(graph, buffers);
    } else {
      GroupAttend.launch(graph, buffers, mode);
    }
  }
}
