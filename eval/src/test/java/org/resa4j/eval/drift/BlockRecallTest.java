package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;

class BlockRecallTest {
  @ParameterizedTest(name = "{0} tokens, blocks of {1}, {2} heads a group of {3}")
  @CsvSource({"1,16,1,64", "15,16,2,64", "16,16,7,8", "17,16,1,80", "27,4,8,5", "1541,16,7,16"})
  void isWhatTheReferenceGives(int tokens, int blockSize, int group, int width) {
    Random random = new Random(tokens);
    double[][] queries = rows(random, group, width, 2);
    double[][] keys = rows(random, tokens, width, 1);
    ResaConfig config = new ResaConfig(blockSize, 0.1, 3, 1, 0);
    int[] chosen =
        ReferenceAttention.select(
            ReferenceAttention.estimate(
                ReferenceAttention.meanQuery(queries), Vectors.of(keys), tokens, blockSize),
            config,
            tokens);
    double[] mass = mass(queries, keys, blockSize);

    BlockRecall recall = BlockRecall.of(queries, Vectors.of(keys), tokens, blockSize, chosen);

    double covered = Arrays.stream(chosen).mapToDouble(block -> mass[block]).sum();
    double cut = Arrays.stream(mass).sorted().toArray()[mass.length - chosen.length];
    double best = Arrays.stream(mass).filter(m -> m >= cut).sum();
    long found = Arrays.stream(chosen).filter(block -> mass[block] >= cut).count();
    assertThat(recall.covered()).isCloseTo(covered, within(1e-12));
    assertThat(recall.best()).isCloseTo(best, within(1e-12));
    assertThat(recall.recall()).isCloseTo((double) found / chosen.length, within(1e-12));
  }

  private static double[][] rows(Random random, int count, int width, double most) {
    double[][] rows = new double[count][];
    Arrays.setAll(rows, i -> random.doubles(width, -most, most).toArray());
    return rows;
  }

  /** Mass of each block: attention over values that are 1 in the block and 0 elsewhere. */
  private static double[] mass(double[][] queries, double[][] keys, int blockSize) {
    double[] mass = new double[Math.ceilDiv(keys.length, blockSize)];
    for (int block = 0; block < mass.length; block++) {
      int of = block;
      Vectors indicator = (token, j) -> token / blockSize == of ? 1 : 0;
      for (double[] query : queries) {
        mass[block] +=
            ReferenceAttention.attend(
                    query, Vectors.of(keys), indicator, ReferenceAttention.allTokens(keys.length))[
                    0]
                / queries.length;
      }
    }
    return mass;
  }

  @Test
  void ofEqualMassesTheLowerBlockIsTheTop() {
    BlockRecall recall = BlockRecall.of(new double[1][1], (token, j) -> 0, 4, 1, new int[] {0, 3});
    assertThat(recall).isEqualTo(new BlockRecall(0.5, 0.5, 0.5));
  }
}
