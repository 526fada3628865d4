package org.resa4j.bench.attention;

import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.KvType;
import org.resa4j.model.DType;

/**
 * The memory that the stages of a step have to move at the least, in bytes, all KV heads and
 * sequences together, with n tokens cached in M blocks, k of them kept:
 *
 * <ul>
 *   <li>estimate reads the minima and the maxima: 2 · M · d values
 *   <li>select reads the scores and writes the chosen: 4 · (M + k) bytes
 *   <li>attend reads K and V of the chosen: 2 · k · b · d values
 *   <li>dense reads K and V: 2 · n · d values
 *   <li>rectify reads K and V once for every 32 queries, every f steps: 2 · n · d · ceil(f / 32) /
 *       f values a step
 * </ul>
 *
 * <p>Queries, new keys and values, and outputs do not grow with n and are left out.
 */
record AttentionBytes(
    AttentionShape shape, int batch, int context, ResaConfig config, KvType type) {
  /** Queries that share what is read of K and V; more of them do not fit registers. */
  private static final int TILE = 32;

  long estimate() {
    return rows(2L * config.blocks(context), type.descriptors());
  }

  long select() {
    return 4L * heads() * (config.blocks(context) + config.keepBlocks(context));
  }

  long attend() {
    return rows(2L * config.keepBlocks(context) * config.blockSize(), type.format());
  }

  long dense() {
    return rows(2L * context, type.format());
  }

  /** Of one step: every sequence is rectified every f steps. */
  long rectify() {
    int window = config.rectifyEvery();
    return window == 0 ? 0 : dense() * Math.ceilDiv(window, TILE) / window;
  }

  long sparseStep() {
    return estimate() + select() + attend();
  }

  /** Of the whole cache: K, V and descriptors. */
  long cache() {
    long blocks = 2L * config.blocks(context);
    return rows(blocks * config.blockSize(), type.format()) + rows(blocks, type.descriptors());
  }

  private long heads() {
    return (long) batch * shape.kvHeads();
  }

  /** Bytes of so many rows of d values for each head of each sequence. */
  private long rows(long rows, DType format) {
    return format.bytes(heads() * rows * shape.headDim());
  }
}
