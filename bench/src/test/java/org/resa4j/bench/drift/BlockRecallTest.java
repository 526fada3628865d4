package org.resa4j.bench.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.ReferenceAttention;

class BlockRecallTest {
  private static final int KV_HEADS = 2;

  @ParameterizedTest(name = "{0} tokens, blocks of {1}, {2} heads a group of {3}")
  @CsvSource({"1,16,1,64", "15,16,2,64", "16,16,7,8", "17,16,1,80", "27,4,8,5", "1541,16,7,16"})
  void isWhatTheReferenceGives(int tokens, int blockSize, int group, int width) {
    Random random = new Random(tokens);
    double[] query = random.doubles((long) KV_HEADS * group * width, -2, 2).toArray();
    double[][] keys = new double[tokens][];
    Arrays.setAll(keys, t -> random.doubles((long) KV_HEADS * width, -1, 1).toArray());
    ResaConfig config = new ResaConfig(blockSize, 0.1, 3, 1, 0);
    for (int kvHead = 0; kvHead < KV_HEADS; kvHead++) {
      double[][] queries = new double[group][];
      for (int g = 0; g < group; g++) {
        int at = (kvHead * group + g) * width;
        queries[g] = Arrays.copyOfRange(query, at, at + width);
      }
      int at = kvHead * width;
      double[][] own = new double[tokens][];
      Arrays.setAll(own, t -> Arrays.copyOfRange(keys[t], at, at + width));
      int[] chosen =
          ReferenceAttention.select(
              ReferenceAttention.estimate(queries, own, blockSize), config, tokens);
      double[] mass = mass(queries, own, blockSize);

      boolean[] selected = new boolean[mass.length];
      Arrays.stream(chosen).forEach(block -> selected[block] = true);
      BlockRecall recall =
          BlockRecall.of(query, kvHead, group, width, keys, tokens, blockSize, selected);

      double covered = Arrays.stream(chosen).mapToDouble(block -> mass[block]).sum();
      double cut = Arrays.stream(mass).sorted().toArray()[mass.length - chosen.length];
      double best = Arrays.stream(mass).filter(m -> m >= cut).sum();
      long found = Arrays.stream(chosen).filter(block -> mass[block] >= cut).count();
      assertThat(recall.covered()).isCloseTo(covered, within(1e-12));
      assertThat(recall.best()).isCloseTo(best, within(1e-12));
      assertThat(recall.recall()).isCloseTo((double) found / chosen.length, within(1e-12));
    }
  }

  /** Mass of each block: attention over values that are 1 in the block and 0 elsewhere. */
  private static double[] mass(double[][] queries, double[][] keys, int blockSize) {
    int blocks = Math.ceilDiv(keys.length, blockSize);
    double[][] indicators = new double[keys.length][blocks];
    IntStream.range(0, keys.length).forEach(t -> indicators[t][t / blockSize] = 1);
    double[] mass = new double[blocks];
    for (double[] query : queries) {
      double[] output = new double[blocks];
      int[] all = ReferenceAttention.allBlocks(keys.length, blockSize);
      for (int block = 0; block < blocks; block++) {
        int of = block;
        double[][] padded = new double[keys.length][query.length];
        Arrays.setAll(
            padded,
            t -> {
              double[] row = new double[query.length];
              row[0] = indicators[t][of];
              return row;
            });
        output[block] = ReferenceAttention.attend(query, keys, padded, all, blockSize)[0];
      }
      for (int block = 0; block < blocks; block++) {
        mass[block] += output[block] / queries.length;
      }
    }
    return mass;
  }

  @Test
  void ofEqualMassesTheLowerBlockIsTheTop() {
    double[][] keys = new double[4][1];
    BlockRecall recall =
        BlockRecall.of(
            new double[1], 0, 1, 1, keys, 4, 1, new boolean[] {true, false, false, true});
    assertThat(recall).isEqualTo(new BlockRecall(0.5, 0.5, 0.5));
  }
}
