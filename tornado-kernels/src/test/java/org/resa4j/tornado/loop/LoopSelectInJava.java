package org.resa4j.tornado.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.resa4j.tornado.AwkwardScores;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernel's method on awkward scores. */
public final class LoopSelectInJava {
  private LoopSelectInJava() {}

  public static void main(String[] none) {
    long seed = new SplittableRandom().nextLong() >>> 1;
    System.out.println("seed " + seed);
    for (int blocks : new int[] {1, 40, 300}) {
      for (Map.Entry<String, float[]> each : AwkwardScores.of(blocks, seed).entrySet()) {
        for (int keep : new int[] {1, Math.ceilDiv(blocks, 3), blocks}) {
          for (int local = 0; local <= Math.min(keep, 2); local++) {
            assertThat(select(each.getValue(), keep, local))
                .as("%s, %d of %d, %d local", each.getKey(), keep, blocks, local)
                .isEqualTo(AwkwardScores.expected(each.getValue(), keep, local));
          }
        }
      }
    }
  }

  private static int[] select(float[] scores, int keep, int local) {
    IntArray rows = new IntArray(Rows.HEADER + Rows.INTS);
    rows.set(Rows.COUNT, 1);
    rows.set(Rows.HEADER + Rows.POSITION, scores.length - 1);
    rows.set(Rows.HEADER + Rows.KEEP_BLOCKS, keep);
    rows.set(Rows.HEADER + Rows.LOCAL_BLOCKS, local);
    IntArray selected = new IntArray(scores.length);
    selected.init(-1);
    LoopSelect.selectBlocks(rows, FloatArray.fromArray(scores), selected, 1, 1, 1, scores.length);
    return Arrays.copyOf(selected.toHeapArray(), keep);
  }
}
