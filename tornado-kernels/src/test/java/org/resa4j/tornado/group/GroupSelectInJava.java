package org.resa4j.tornado.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.resa4j.tornado.AwkwardScores;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernel's method on awkward scores, by work-groups of threads. */
public final class GroupSelectInJava {
  private GroupSelectInJava() {}

  public static void main(String[] none) {
    long seed = new SplittableRandom().nextLong() >>> 1;
    System.out.println("seed " + seed);
    for (int blocks : new int[] {1, 40, 300}) {
      for (Map.Entry<String, float[]> each : AwkwardScores.of(blocks, seed).entrySet()) {
        for (int keep : new int[] {1, Math.ceilDiv(blocks, 3), blocks}) {
          for (int local = 0; local <= Math.min(keep, 2); local++) {
            assertThat(select(each.getValue(), keep, local, 64))
                .as("%s, %d of %d, %d local", each.getKey(), keep, blocks, local)
                .isEqualTo(AwkwardScores.expected(each.getValue(), keep, local));
          }
        }
      }
    }
    // For one team more than half an int counts.
    int many = 70_001;
    for (int keep : new int[] {33_000, 69_000}) {
      float[] scores = AwkwardScores.of(many, seed).get("some NaN");
      int[] selected = select(scores, keep, 1, 32);
      assertThat(Arrays.mismatch(selected, AwkwardScores.expected(scores, keep, 1)))
          .as("%d of %d", keep, many)
          .isEqualTo(-1);
    }
  }

  private static int[] select(float[] scores, int keep, int local, int items) {
    IntArray rows = new IntArray(Rows.HEADER + Rows.INTS);
    rows.set(Rows.COUNT, 1);
    rows.set(Rows.HEADER + Rows.POSITION, scores.length - 1);
    rows.set(Rows.HEADER + Rows.KEEP_BLOCKS, keep);
    rows.set(Rows.HEADER + Rows.LOCAL_BLOCKS, local);
    FloatArray array = FloatArray.fromArray(scores);
    IntArray selected = new IntArray(scores.length);
    selected.init(-1);
    JavaWorkGroup.run(
        items,
        context ->
            GroupSelect.selectBlocks(context, rows, array, selected, items, 1, 1, scores.length));
    return Arrays.copyOf(selected.toHeapArray(), keep);
  }
}
