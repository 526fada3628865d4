package org.resa4j.tornado.attention;

import java.util.Optional;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.KvStorage;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.graph.KernelGraph;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A family of attention kernels: adds the stages of one layer's attention to a task graph. A step
 * is append, estimate, select, attend; a dense step append, attendDense; an encode call
 * encodeAppend, encodeAttend. Queries, keys and values are in the workspace, after RoPE.
 *
 * <p>Stateless: buffers come with each call, and one call is made for each layer.
 */
public interface AttentionTasks {

  /**
   * Refuses shapes, block sizes and cache formats that the kernels are not made for.
   *
   * @throws org.resa4j.error.DeviceException naming the limits
   */
  void check(CachePlan plan);

  /**
   * The bytes that a cache takes. In eight bits its scales are in fp32; so are its descriptors,
   * rounded to fp16, where the kernels or the device have no fp16.
   */
  default KvStorage storage(KvType type, Device device) {
    return type == KvType.Q8
        ? new KvStorage(
            EightBits.GROUP, EightBits.GROUP_BYTES, device.fp16() ? Short.BYTES : Float.BYTES)
        : KvStorage.of(type);
  }

  /**
   * The family whose kernels run attention where these are not made for the plan; empty where they
   * are their own family's.
   */
  default Optional<String> substitute(CachePlan plan) {
    return Optional.empty();
  }

  /** Splits of one row's keys in a step; written into the layout. */
  int stepSplits(CachePlan plan, Device device);

  /**
   * Splits of one token's keys in an encode call, 0 where none are used; written into the layout.
   */
  int encodeSplits(CachePlan plan, Device device);

  /**
   * Query vectors of a KV head that encode attention takes together; written into the layout, and
   * what is sent before an encode call has the tiles.
   */
  int encodeTileRows(CachePlan plan);

  /** Block tables that were sent to where they stay. */
  void receiveTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers);

  /** K, V and descriptors of the page that the chunk names to another. */
  void copyPage(KernelGraph graph, AttentionBuffers buffers);

  /**
   * K and V of each active row to its position; the descriptor of its block is rebuilt from the
   * keys up to the row's own.
   */
  void append(KernelGraph graph, AttentionBuffers buffers);

  /** Scores of the blocks of each active row, {@link AttentionBuffers.Workspace#scores}. */
  void estimate(KernelGraph graph, AttentionBuffers buffers);

  /** The kept blocks of each active row, {@link AttentionBuffers.Workspace#selected}. */
  void select(KernelGraph graph, AttentionBuffers buffers);

  /** Attention of each active row over its selected blocks. */
  void attend(KernelGraph graph, AttentionBuffers buffers);

  /** Attention of each active row over all of its tokens. */
  void attendDense(KernelGraph graph, AttentionBuffers buffers);

  /**
   * K and V of the chunk's tokens to their positions; the descriptors of the blocks they touch are
   * rebuilt from the keys up to the chunk's last of the sequence.
   */
  void encodeAppend(KernelGraph graph, AttentionBuffers buffers);

  /**
   * How far the K and V are that {@link #encodeAppend} is about to overwrite, {@link
   * DriftBuffers#parts}; nothing is done unless the chunk asks for it.
   */
  void encodeDrift(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift);

  /** The parts of all caches added up, {@link DriftBuffers#sums}. */
  void driftSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift);

  /** Causal attention of each of the chunk's tokens over the cache up to itself. */
  void encodeAttend(KernelGraph graph, AttentionBuffers buffers);
}
