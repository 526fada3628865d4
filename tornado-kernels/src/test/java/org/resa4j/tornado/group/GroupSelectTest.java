package org.resa4j.tornado.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.AwkwardScores;
import org.resa4j.tornado.GroupKernelRun;
import org.resa4j.tornado.PlainJava;
import org.resa4j.tornado.attention.AttentionTasks;

/** Select on scores that are not as they should be, and on more blocks than usual. */
class GroupSelectTest {
  /** For each of up to 16 teams more than half an int counts, if that is signed. */
  private static final int MANY = 600_001;

  private static final long SEED = new SplittableRandom().nextLong() >>> 1;

  private static GroupKernelRun run(int blocks) {
    System.out.println("seed " + SEED);
    EngineOptions options = EngineOptions.of(blocks).withBlockSize(1).withEncodeTokens(1);
    return new GroupKernelRun(
        GroupKernelRun.DEVICE, new AttentionShape(1, 1, 8), options, KvType.F32, SEED);
  }

  private static int[] select(GroupKernelRun run, float[] scores, int keep, int local) {
    run.row(0, 0, scores.length - 1, keep, local);
    run.deviceScores(0, 0, scores);
    run.buffers().work().selected().init(-1);
    run.run(AttentionTasks::select);
    return run.deviceSelected(0, 0, keep);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 301})
  void awkwardScores(int blocks) {
    GroupKernelRun run = run(blocks);
    for (Map.Entry<String, float[]> each : AwkwardScores.of(blocks, SEED).entrySet()) {
      for (int keep : new int[] {Math.ceilDiv(blocks, 3), blocks - blocks / 6}) {
        int local = keep % 3;
        int[] selected = select(run, each.getValue(), keep, local);
        String what = "%s, %d of %d, %d local".formatted(each.getKey(), keep, blocks, local);
        AwkwardScores.wellFormed(what, selected, blocks, local);
        // OpenCL's compilers are told that there is neither NaN nor infinity.
        if (finite(each.getValue()) || run.device().backend().equals("cuda")) {
          assertThat(selected)
              .as(what)
              .isEqualTo(AwkwardScores.expected(each.getValue(), keep, local));
        }
      }
    }
  }

  private static boolean finite(float[] scores) {
    for (float score : scores) {
      if (!Float.isFinite(score)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void moreBlocksThanHalfAnIntCounts() {
    GroupKernelRun run = run(MANY);
    for (String name : new String[] {"negative", "a third equal, far below"}) {
      float[] scores = AwkwardScores.of(MANY, SEED).get(name);
      for (int keep : new int[] {33_000, 590_000}) {
        int[] selected = select(run, scores, keep, 1);
        // Not compared by an assertion, which would print them.
        assertThat(Arrays.mismatch(selected, AwkwardScores.expected(scores, keep, 1)))
            .as("%s, %d", name, keep)
            .isEqualTo(-1);
      }
    }
  }

  @Test
  void asPlainJava() throws Exception {
    PlainJava.run(GroupSelectInJava.class);
  }
}
