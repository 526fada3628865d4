package org.resa4j.tornado;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.attention.AttentionTasks;

/**
 * Times the stages of one layer's attention on a GPU and checks their results in the same run: 8
 * sequences, 28 query and 4 KV heads of 128, the default settings. Arguments: device index, F16 or
 * F32, then context lengths. With {@code -Dscattered=true} no page of a sequence lies next to
 * another; {@code -Dsequences=N} has other numbers of sequences.
 */
public final class GroupAttentionBenchmark {
  private static final AttentionShape SHAPE = new AttentionShape(28, 4, 128);
  private static final int SEQUENCES = Integer.getInteger("sequences", 8);
  private static final int RECTIFIED = 32;
  private static final int REPETITIONS = 24;
  private static final int RUNS = 30;

  private GroupAttentionBenchmark() {}

  /** Prints a table for each context length. */
  public static void main(String[] args) {
    int device = Integer.parseInt(args[0]);
    KvType type = KvType.valueOf(args[1]);
    for (int i = 2; i < args.length; i++) {
      run(device, type, Integer.parseInt(args[i]));
    }
  }

  private static void run(int device, KvType type, int context) {
    ResaConfig config = ResaConfig.DEFAULT;
    boolean scattered = Boolean.getBoolean("scattered");
    EngineOptions options =
        EngineOptions.of(context).withSequences(SEQUENCES).withEncodeTokens(SEQUENCES * RECTIFIED);
    GroupKernelRun run = new GroupKernelRun(device, SHAPE, options, type, 42, scattered);
    boolean cuda = run.device().backend().equals("cuda");
    int blocks = config.blocks(context);
    int keep = config.keepBlocks(context);
    for (int row = 0; row < SEQUENCES; row++) {
      run.row(row, row, context - 1, keep, config.localBlocks());
    }
    run.chunk(SEQUENCES / 2, context - RECTIFIED, RECTIFIED);
    System.out.printf(
        Locale.ROOT,
        "%s %s, context %d, keep %d of %d blocks, step splits %d, encode splits %d%n",
        run.device().id(),
        run.device().name(),
        context,
        keep,
        blocks,
        run.layout().stepSplits(),
        run.layout().encodeSplits());

    run.run(AttentionTasks::estimate, AttentionTasks::select, AttentionTasks::attend);
    double estimateError = 0;
    double attendError = 0;
    boolean selected = true;
    for (int row = 0; row < SEQUENCES; row += 3) {
      for (int head = 0; head < SHAPE.kvHeads(); head += 3) {
        float[] scores = run.deviceScores(row, head, blocks);
        estimateError =
            Math.max(estimateError, GroupKernelRun.error(run.scores(row, head, blocks), scores));
        int[] chosen = run.deviceSelected(row, head, keep);
        selected &=
            Arrays.equals(GroupKernelRun.select(scores, keep, config.localBlocks()), chosen);
        int queryHead = head * SHAPE.group() + row % SHAPE.group();
        attendError =
            Math.max(
                attendError,
                GroupKernelRun.error(
                    run.attend(row, queryHead, chosen), run.output(row, queryHead)));
      }
    }
    run.run(AttentionTasks::encodeAttend);
    double encodeError = 0;
    for (int token : new int[] {0, 13, RECTIFIED - 1}) {
      for (int queryHead : new int[] {0, 10, 27}) {
        encodeError =
            Math.max(
                encodeError,
                GroupKernelRun.error(run.encode(token, queryHead), run.output(token, queryHead)));
      }
    }
    run.run(AttentionTasks::attendDense);
    int[] all = IntStream.range(0, blocks).toArray();
    double denseError =
        GroupKernelRun.error(run.attend(SEQUENCES - 1, 9, all), run.output(SEQUENCES - 1, 9));
    System.out.printf(
        Locale.ROOT,
        "errors: estimate %.1e, select %s, attend %.1e, encode %.1e, dense %.1e%n",
        estimateError,
        selected ? "exact" : "WRONG",
        attendError,
        encodeError,
        denseError);

    double cacheBytes =
        2.0 * type.format().blockBytes() * SEQUENCES * SHAPE.kvHeads() * context * SHAPE.headDim();
    double estimate = report(run, "estimate", cuda, cacheBytes / 16, AttentionTasks::estimate);
    double select = report(run, "select", cuda, 0, AttentionTasks::select);
    double attend = report(run, "attend", cuda, cacheBytes * 0.1, AttentionTasks::attend);
    double encode = report(run, "encode one", cuda, cacheBytes / 8, AttentionTasks::encodeAttend);
    int[][] windows = new int[SEQUENCES][];
    Arrays.setAll(windows, i -> new int[] {i, context - RECTIFIED, RECTIFIED});
    run.chunk(windows);
    double encodeAll = report(run, "encode all", cuda, cacheBytes, AttentionTasks::encodeAttend);
    double flops = 4.0 * RECTIFIED * SHAPE.heads() * SHAPE.headDim() * context;
    System.out.printf(
        Locale.ROOT,
        "encode %.1f TFLOP/s for one, %.1f for all%n",
        flops / encode / 1e9,
        SEQUENCES * flops / encodeAll / 1e9);
    double dense = report(run, "dense", cuda, cacheBytes, AttentionTasks::attendDense);
    double step =
        report(
            run,
            "step",
            cuda,
            cacheBytes * 0.1625,
            AttentionTasks::estimate,
            AttentionTasks::select,
            AttentionTasks::attend);
    System.out.printf(
        Locale.ROOT,
        "sum of stages %.4f, ReSA step with encode all / %d %.4f ms, dense / ReSA %.2f%n",
        estimate + select + attend,
        RECTIFIED,
        step + encodeAll / RECTIFIED,
        dense / (step + encodeAll / RECTIFIED));
  }

  private static double report(
      GroupKernelRun run, String name, boolean cuda, double bytes, GroupKernelRun.Stage... stages) {
    double ms = run.median(REPETITIONS, RUNS, cuda, stages) / 1e6;
    System.out.printf(Locale.ROOT, "%-12s %8.4f ms %8.0f GB/s%n", name, ms, bytes / ms / 1e6);
    return ms;
  }
}
