package org.resa4j.bench.generate;

import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.model.DType;
import org.resa4j.model.Model;

/**
 * Bytes that decoding and prefill read at the least: every weight once a call, K and V of the
 * tokens attended to, and with sparsity the descriptors of all blocks. Activations are left out.
 */
final class Traffic {
  private final Model model;
  private final EngineInfo info;
  private final long weights;

  Traffic(Model model, EngineInfo info) {
    this.model = model;
    this.info = info;
    // The engine may hold weights in another format than the file. Of an embedding that is not the
    // head too, a row is read.
    double share = 1;
    if (model.head() != model.embedding()) {
      share -= (double) model.embedding().data().byteSize() / model.weightBytes();
    }
    weights = Math.round(info.weightBytes() * share);
  }

  /** Of a step of all sequences, on average over {@code count} tokens from {@code depth} on. */
  long step(int depth, int count, ResaConfig config) {
    int sequences = info.options().sequences();
    double cache = 0;
    for (int i = 0; i < count; i++) {
      cache += (double) sequences * attended(depth + i + 1, config);
    }
    double rectify = 0;
    if (config.rectifyEvery() > 0 && !config.isDense()) {
      double calls = (double) count / config.rectifyEvery() * sequences;
      rectify = calls * (weights + all(depth + count / 2));
    }
    return Math.round(weights + (cache + rectify) / count);
  }

  /**
   * Of exact mode, for a token of all sequences, on average over {@code count} of them from {@code
   * depth} on: steps that draft, and dense passes that read weights and cache once.
   */
  long exact(int depth, int count, ResaConfig config, GivenAcceptance given) {
    EngineOptions options = info.options();
    int together = Math.min(options.encodeTokens(), options.logitRows()) / given.window();
    int passes = Math.ceilDiv(options.sequences(), together);
    double verify = (double) passes * weights + options.sequences() * all(depth + count / 2);
    double steps = (given.window() - 1.0) * step(depth, count, config);
    return Math.round((steps + verify) / given.meanYield());
  }

  /** Of the prefill of {@code count} tokens from {@code depth} on, all sequences. */
  long prefill(int depth, int count) {
    int chunk = info.options().encodeTokens();
    double bytes = 0;
    for (int at = 0; at < count; at += chunk) {
      bytes += weights + all(depth + Math.min(count, at + chunk));
    }
    return Math.round(bytes * info.options().sequences());
  }

  /** K and V of so many tokens, all layers. */
  private double all(int tokens) {
    return 2.0 * tokens * row(info.kvType().format());
  }

  private double attended(int tokens, ResaConfig config) {
    int blocks = config.blocks(tokens);
    int keep = config.keepBlocks(tokens);
    if (keep == blocks) {
      return all(tokens);
    }
    return 2.0 * blocks * row(info.kvType().descriptors())
        + all(Math.min(tokens, keep * config.blockSize()));
  }

  /** Of a token's K, or V, in all layers: each reads it, shared or not. */
  private double row(DType format) {
    AttentionShape shape = model.config().attention();
    return (double) model.config().layers() * shape.kvHeads() * format.bytes(shape.headDim());
  }
}
