package org.resa4j.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.KvType;

/** Made-up rows. */
final class Rows {
  static final Target JVM = new Target("jvm", "jvm", "A \"JVM\", amd64", "vector", KvType.F32);
  static final Target GPU = new Target("tornado", "cuda:0", "NVIDIA H200", "cuda", KvType.F16);
  static final Target PEER =
      new Target("pytorch-sdpa", "cuda:0", "NVIDIA H200", "cudnn", KvType.F16);

  static final Provenance HERE =
      new Provenance(
          "2026-02-03T04:05:06Z",
          "2026-02-03T04:00:00Z",
          "1",
          "abc",
          "a CPU, 2 processors",
          "Linux",
          "",
          "x");

  private static final AttentionShape SHAPE = new AttentionShape(28, 4, 128);

  private Rows() {}

  static Row row(Target target, int context, String stage, double millis) {
    boolean device = !target.equals(JVM);
    boolean wall = !target.equals(PEER) && (!device || stage.endsWith("step"));
    Spread time = new Spread(millis, millis * 0.9, millis * 1.1);
    return new Row(
        "attention",
        target,
        new Workload(
            "qwen2.5-7b",
            SHAPE,
            8,
            context,
            stage.startsWith("dense") ? ResaConfig.dense(16) : ResaConfig.DEFAULT),
        stage,
        wall ? Optional.of(time) : Optional.empty(),
        device ? Optional.of(time) : Optional.empty(),
        OptionalLong.of(context * 16384L),
        OptionalLong.empty(),
        OptionalDouble.of(4.3e12 / 7),
        2.5e-4);
  }

  /** Every stage at three contexts on a device. */
  static List<Row> all(Target target, double scale) {
    List<Row> rows = new ArrayList<>();
    for (int context : new int[] {4096, 16384, 65536}) {
      double k = scale * context / 65536;
      rows.add(row(target, context, AttentionStage.DENSE_STEP, 0.58 * k));
      rows.add(row(target, context, AttentionStage.ESTIMATE, 0.03 * k));
      rows.add(row(target, context, AttentionStage.SELECT, 0.01 * scale + 0.01 * k));
      rows.add(row(target, context, AttentionStage.ATTEND, 0.07 * k));
      rows.add(row(target, context, AttentionStage.SPARSE_STEP, 0.02 * scale + 0.11 * k));
      rows.add(row(target, context, AttentionStage.RECTIFY, 0.08 * k));
      rows.add(row(target, context, AttentionStage.RESA_STEP, 0.02 * scale + 0.19 * k));
    }
    return rows;
  }
}
