package org.resa4j.tornado.mma;

import org.resa4j.attention.AttentionShape;

/**
 * How {@link MmaEncode} cuts a chunk's rows, tokens times group, into work-groups.
 *
 * @param warps warps of a work-group
 * @param tiles work-groups that share the rows
 */
record MmaTiling(int warps, int tiles) {

  /** Whether the tensor-core kernel is made for the shape. */
  static boolean takes(AttentionShape shape) {
    int d = shape.headDim();
    return d == 64 || d == 80 || d == 96 || d == 128;
  }

  /** As few work-groups as can be, with rows spread evenly. */
  static MmaTiling of(AttentionShape shape, int tokens) {
    int warps = Math.ceilDiv(tokens * shape.group(), MmaEncode.WARP_ROWS);
    int tiles = Math.ceilDiv(warps, MmaEncode.MAX_WARPS);
    return new MmaTiling(Math.ceilDiv(warps, tiles), tiles);
  }
}
