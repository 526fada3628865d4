package org.resa4j.tornado.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.GroupKernelRun;
import org.resa4j.tornado.attention.DriftBuffers;

/** The group kernels, stage by stage, against double precision. */
class GroupKernelTest {
  private static final long SEED = new SplittableRandom().nextLong() >>> 1;

  /** Ragged: a row's length, and how many of its blocks it keeps. */
  private static final int[][] ROWS = {{1, 1}, {16, 1}, {17, 2}, {27, 2}, {257, 5}, {271, 17}};

  @ParameterizedTest
  @CsvSource({"1,64", "2,80", "3,96", "4,128", "5,64", "6,80", "7,128", "8,96"})
  void fp32(int group, int headDim) {
    check(group, headDim, 16, KvType.F32, 1e-5);
  }

  @Test
  void blocksOfAnOddSize() {
    check(3, 64, 5, KvType.F32, 1e-5);
  }

  /**
   * On tensor cores, queries and the softmax's weights are rounded to fp16, as a naive kernel's.
   */
  @ParameterizedTest
  @CsvSource({"1,64", "2,80", "3,96", "4,128", "5,64", "6,80", "7,128", "8,96"})
  void fp16(int group, int headDim) {
    assumeTrue(GroupKernelRun.fp16(0), "the device has no fp16");
    check(group, headDim, 16, KvType.F16, 1e-3);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 32})
  void fp16BlocksOfOtherSizes(int blockSize) {
    assumeTrue(GroupKernelRun.fp16(0), "the device has no fp16");
    check(3, 64, blockSize, KvType.F16, 1e-3);
  }

  @Test
  void equalScoresGoToTheLowerBlock() {
    GroupKernelRun run = run(2, 64, 16, KvType.F32);
    float[] scores = new float[17];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = i % 3 == 0 ? -0.5f : 2.25f;
    }
    for (int keep = 1; keep <= scores.length; keep++) {
      for (int local = 0; local <= Math.min(keep, 2); local++) {
        run.row(0, 0, 16 * 17 - 1, keep, local);
        run.deviceScores(0, 1, scores);
        run.run(GroupAttentionTasks::select);
        assertThat(run.deviceSelected(0, 1, keep))
            .as("keep %d, local %d", keep, local)
            .isEqualTo(GroupKernelRun.select(scores, keep, local));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void appendWidensOrOpensDescriptors(KvType type) {
    assumeTrue(type == KvType.F32 || GroupKernelRun.fp16(0), "the device has no fp16");
    GroupKernelRun run = run(2, 80, 16, type);
    run.row(0, 4, 32, 3, 1);
    run.row(1, 2, 37, 3, 1);
    float[][] before = {new float[80], new float[80]};
    for (int j = 0; j < 80; j++) {
      before[0][j] = run.blockMin(2, 1, 2, j);
      before[1][j] = run.blockMax(2, 1, 2, j);
    }
    run.run(GroupAttentionTasks::append);
    for (int j = 0; j < 80; j++) {
      assertThat(run.key(4, 1, 32, j)).isEqualTo(run.newKey(0, 1, j));
      assertThat(run.value(2, 1, 37, j)).isEqualTo(run.newValue(1, 1, j));
      assertThat(run.blockMin(4, 1, 2, j)).isEqualTo(run.newKey(0, 1, j));
      assertThat(run.blockMax(4, 1, 2, j)).isEqualTo(run.newKey(0, 1, j));
      assertThat(run.blockMin(2, 1, 2, j)).isEqualTo(Math.min(before[0][j], run.newKey(1, 1, j)));
      assertThat(run.blockMax(2, 1, 2, j)).isEqualTo(Math.max(before[1][j], run.newKey(1, 1, j)));
    }
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void encodeAppendRebuildsTouchedDescriptors(KvType type) {
    assumeTrue(type == KvType.F32 || GroupKernelRun.fp16(0), "the device has no fp16");
    GroupKernelRun run = run(2, 80, 16, type);
    run.chunk(3, 30, 20);
    run.run(GroupAttentionTasks::encodeAppend);
    for (int j = 0; j < 80; j++) {
      for (int token = 0; token < 20; token++) {
        assertThat(run.key(3, 1, 30 + token, j)).isEqualTo(run.newKey(token, 1, j));
        assertThat(run.value(3, 1, 30 + token, j)).isEqualTo(run.newValue(token, 1, j));
      }
      for (int block = 1; block < 4; block++) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (int position = block * 16; position < Math.min(block * 16 + 16, 50); position++) {
          min = Math.min(min, run.key(3, 1, position, j));
          max = Math.max(max, run.key(3, 1, position, j));
        }
        assertThat(run.blockMin(3, 1, block, j)).isEqualTo(min);
        assertThat(run.blockMax(3, 1, block, j)).isEqualTo(max);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void driftIsThatOfDoublePrecisionWhereItIsAskedFor(KvType type) {
    assumeTrue(type == KvType.F32 || GroupKernelRun.fp16(0), "the device has no fp16");
    for (int headDim : new int[] {8, 64, 80, 128}) {
      GroupKernelRun run = run(2, headDim, 16, type);
      for (int[] chunk : new int[][] {{0, 1}, {27, 5}, {251, 20}}) {
        run.chunk(1, chunk[0], chunk[1]);
        run.measure(true);
        run.run(
            (tasks, graph, buffers) -> tasks.encodeDrift(graph, buffers, run.drift()),
            (tasks, graph, buffers) -> tasks.driftSums(graph, buffers, run.drift()));
        double[] expected = run.driftSums();
        float[] sums = run.drift().sums().toHeapArray();
        for (int which = 0; which < DriftBuffers.COUNT; which++) {
          assertThat((double) sums[DriftBuffers.COUNT + which])
              .as("sum %d of %d tokens at %d, d=%d", which, chunk[1], chunk[0], headDim)
              .isCloseTo(expected[which], within(1e-5 * expected[which]));
        }
        assertThat(sums).as("other caches").startsWith(0, 0, 0, 0).endsWith(0, 0, 0, 0);
      }
      float[] before = run.drift().parts().toHeapArray();
      run.chunk(2, 40, 20);
      run.measure(false);
      run.run((tasks, graph, buffers) -> tasks.encodeDrift(graph, buffers, run.drift()));
      assertThat(run.drift().parts().toHeapArray()).as("not asked for").isEqualTo(before);
    }
  }

  private static GroupKernelRun run(int group, int headDim, int blockSize, KvType type) {
    System.out.println("seed " + SEED);
    EngineOptions options =
        new EngineOptions(
            Optional.empty(), Optional.empty(), ROWS.length, 272, blockSize, 20, 0, false);
    return new GroupKernelRun(0, new AttentionShape(2 * group, 2, headDim), options, type, SEED);
  }

  private static void check(int group, int headDim, int blockSize, KvType type, double tolerance) {
    GroupKernelRun run = run(group, headDim, blockSize, type);
    int heads = 2 * group;
    for (int row = 0; row < ROWS.length; row++) {
      int blocks = Math.ceilDiv(ROWS[row][0], blockSize);
      int keep = Math.min(ROWS[row][1], blocks);
      run.row(row, (row + 2) % ROWS.length, ROWS[row][0] - 1, keep, 1);
    }
    run.run(
        GroupAttentionTasks::estimate, GroupAttentionTasks::select, GroupAttentionTasks::attend);
    for (int row = 0; row < ROWS.length; row++) {
      int blocks = Math.ceilDiv(ROWS[row][0], blockSize);
      int keep = Math.min(ROWS[row][1], blocks);
      for (int head = 0; head < 2; head++) {
        float[] scores = run.deviceScores(row, head, blocks);
        assertThat(GroupKernelRun.error(run.scores(row, head, blocks), scores))
            .as("estimate of row %d", row)
            .isLessThan(1e-5);
        assertThat(run.deviceSelected(row, head, keep))
            .as("selected of row %d", row)
            .isEqualTo(GroupKernelRun.select(scores, keep, 1));
      }
      for (int head = 0; head < heads; head++) {
        int[] selected = run.deviceSelected(row, head / group, keep);
        assertThat(GroupKernelRun.error(run.attend(row, head, selected), run.output(row, head)))
            .as("attend of row %d, head %d", row, head)
            .isLessThan(tolerance);
      }
    }

    run.run(GroupAttentionTasks::attendDense);
    for (int row = 0; row < ROWS.length; row++) {
      int[] all = IntStream.range(0, Math.ceilDiv(ROWS[row][0], blockSize)).toArray();
      for (int head = 0; head < heads; head++) {
        assertThat(GroupKernelRun.error(run.attend(row, head, all), run.output(row, head)))
            .as("dense attention of row %d, head %d", row, head)
            .isLessThan(tolerance);
      }
    }

    for (int[] chunk : new int[][] {{0, 1}, {0, 20}, {27, 5}, {251, 20}}) {
      run.chunk(1, chunk[0], chunk[1]);
      run.run(GroupAttentionTasks::encodeAttend);
      for (int token = 0; token < chunk[1]; token++) {
        for (int head = 0; head < heads; head++) {
          assertThat(GroupKernelRun.error(run.encode(token, head), run.output(token, head)))
              .as("token %d of %d at %d, head %d", token, chunk[1], chunk[0], head)
              .isLessThan(tolerance);
        }
      }
    }
  }
}
