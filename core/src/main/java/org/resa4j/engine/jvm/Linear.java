package org.resa4j.engine.jvm;

import java.util.List;
import org.resa4j.model.Projection;
import org.resa4j.model.Tensor;

/**
 * Linear layers that share their input, computed in one parallel loop over chunks of their rows.
 */
final class Linear {
  /** A weight {@code [outputs][inputs]}, its bias or null, and where its outputs go. */
  record Part(Tensor weight, float[] bias, float[] output) {
    static Part of(Projection projection, float[] output) {
      return new Part(
          projection.weight(), projection.bias().map(Tensor::toFloats).orElse(null), output);
    }
  }

  private static final int MIN_ROWS = 16;

  private final VectorOps ops;
  private final Workers workers;
  private final List<Part> parts;
  private final int chunkRows;
  private final int chunks;
  private final Workers.Body body = this::chunk;
  private float[] input;
  private int tokens;

  Linear(VectorOps ops, Workers workers, Part... parts) {
    this.ops = ops;
    this.workers = workers;
    this.parts = List.of(parts);
    int rows = this.parts.stream().mapToInt(part -> part.weight.rows()).sum();
    // Multiples of 4 keep the tiles of RowOps whole; 8 chunks a thread even out what they wait for.
    int perChunk = Math.max(MIN_ROWS, Math.ceilDiv(rows, 8 * workers.size()));
    chunkRows = Math.ceilDiv(perChunk, 4) * 4;
    chunks =
        this.parts.stream().mapToInt(part -> Math.ceilDiv(part.weight.rows(), chunkRows)).sum();
  }

  /**
   * Computes all parts.
   *
   * @param input {@code [token][inputs]}; outputs are {@code [token][outputs]}
   */
  void run(float[] input, int tokens) {
    this.input = input;
    this.tokens = tokens;
    workers.run(chunks, body);
  }

  @SuppressWarnings("unused") // the worker needs no scratch space
  private void chunk(int index, int worker) {
    int chunk = index;
    for (int p = 0; p < parts.size(); p++) {
      Part part = parts.get(p);
      int rows = part.weight.rows();
      int here = Math.ceilDiv(rows, chunkRows);
      if (chunk < here) {
        int from = chunk * chunkRows;
        multiply(part, from, Math.min(rows, from + chunkRows));
        return;
      }
      chunk -= here;
    }
  }

  private void multiply(Part part, int from, int to) {
    Tensor weight = part.weight;
    int width = weight.columns();
    int rows = weight.rows();
    ops.matrix(weight.dtype())
        .multiply(
            weight.data(),
            weight.dtype().bytes((long) from * width),
            to - from,
            width,
            input,
            0,
            width,
            tokens,
            part.output,
            from,
            rows);
    if (part.bias != null) {
      for (int i = 0; i < tokens; i++) {
        for (int r = from; r < to; r++) {
          part.output[i * rows + r] += part.bias[r];
        }
      }
    }
  }
}
