package org.resa4j.tornado.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
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
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.DriftBuffers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The group kernels, stage by stage, against double precision. */
class GroupKernelTest {
  private static final long SEED = new SplittableRandom().nextLong() >>> 1;

  /** Ragged: a row's length, and how many of its blocks it keeps. */
  private static final int[][] ROWS = {{1, 1}, {16, 1}, {17, 2}, {27, 2}, {257, 5}, {271, 17}};

  /** A context of several steps for each work-group of encode, on a device of any size. */
  private static final int LONG = 6133;

  @ParameterizedTest
  @CsvSource({"1,64", "2,80", "3,96", "4,128", "5,64", "6,80", "7,128", "8,96"})
  void fp32(int group, int headDim) {
    check(group, headDim, 16, KvType.F32, 1e-5);
  }

  @Test
  void eightBits() {
    check(run(3, 96, 5, 3, KvType.Q8), 1e-5);
  }

  @Test
  void blocksOfAnOddSize() {
    check(3, 64, 5, KvType.F32, 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"5,3", "16,1", "16,4", "16,40", "32,3"})
  void pagesOfAnySize(int blockSize, int pageBlocks) {
    check(run(3, 64, blockSize, pageBlocks, KvType.F32), 1e-5);
  }

  /**
   * On tensor cores, queries and the softmax's weights are rounded to fp16, as a naive kernel's.
   */
  @ParameterizedTest
  @CsvSource({"1,64", "2,80", "3,96", "4,128", "5,64", "6,80", "7,128", "8,96"})
  void fp16(int group, int headDim) {
    assumeTrue(GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    check(group, headDim, 16, KvType.F16, 1e-3);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 32})
  void fp16BlocksOfOtherSizes(int blockSize) {
    assumeTrue(GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    check(3, 64, blockSize, KvType.F16, 1e-3);
  }

  @ParameterizedTest
  @CsvSource({"5,3", "16,1", "16,2", "16,4", "16,40", "32,3"})
  void fp16PagesOfAnySize(int blockSize, int pageBlocks) {
    assumeTrue(GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    check(run(3, 128, blockSize, pageBlocks, KvType.F16), 1e-3);
  }

  /** So that a work-group of encode has several steps, and a call several tiles. */
  @ParameterizedTest
  @CsvSource({"7,128,16", "7,128,3", "2,128,2", "5,64,16"})
  void fp16EncodeOfALongContext(int group, int headDim, int pageBlocks) {
    GroupKernelRun run = longRun(group, headDim, pageBlocks);
    checkEncode(run, new int[] {1, LONG - 40, 40});
    checkEncode(run, new int[] {0, LONG - 301, 21}, new int[] {1, LONG - 1117, 19});
  }

  /** Tiles of two sequences, each of several steps; one shape, as compiling takes a CPU long. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "Q8"})
  void encodeInTiles(KvType type) {
    assumeTrue(
        type == KvType.F32 || Integer.getInteger("resa.test.rounds", 1) > 1,
        "half a minute more: -Dresa.test.rounds=2");
    System.out.println("seed " + SEED);
    EngineOptions options = EngineOptions.of(LONG).withSequences(2).withEncodeTokens(40);
    GroupKernelRun run =
        GroupKernelRun.tiled(
            GroupKernelRun.DEVICE, new AttentionShape(6, 2, width(type)), options, type, SEED);
    checkEncode(run, new int[] {0, LONG - 301, 21}, new int[] {1, LONG - 1117, 19});
  }

  /**
   * Scores that leave fp16's range, beside what a work-group has begun with, in every step, in some
   * steps and downwards: a kernel that misses one has infinities, or weights of nothing.
   */
  @ParameterizedTest
  @CsvSource({"7,128,160", "7,128,60", "7,128,25", "7,128,-160", "3,96,160"})
  void fp16EncodeOfScoresThatGrow(int group, int headDim, float growth) {
    GroupKernelRun run = longRun(group, headDim, 16);
    run.fill(SEED, new int[] {LONG, LONG});
    FloatArray query = run.buffers().work().query();
    for (int i = 0; i < query.getSize() / headDim; i++) {
      query.set(i * headDim, i % 3 == 0 ? 4 : i % 3 == 1 ? -4 : 1);
    }
    for (int head = 0; head < 2; head++) {
      for (int position = 0; position < LONG; position++) {
        float saw = position % 1000 * (position / 500 % 2 == 0 ? 0.01f : -0.005f);
        run.setKey(1, head, position, 0, saw * growth / (head + 1));
      }
    }
    run.chunk(1, LONG - 40, 40);
    run.run(AttentionTasks::encodeAttend);
    checkEncoded(run, 40);
  }

  private static GroupKernelRun longRun(int group, int headDim, int pageBlocks) {
    assumeTrue(GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    System.out.println("seed " + SEED);
    EngineOptions options =
        EngineOptions.of(LONG).withSequences(2).withPageBlocks(pageBlocks).withEncodeTokens(40);
    return new GroupKernelRun(
        GroupKernelRun.DEVICE,
        new AttentionShape(2 * group, 2, headDim),
        options,
        KvType.F16,
        SEED);
  }

  /** With no numbers behind the sequences' tokens. */
  private static void checkEncode(GroupKernelRun run, int[]... chunk) {
    int[] lengths = new int[2];
    for (int[] each : chunk) {
      lengths[each[0]] = each[1] + each[2];
    }
    run.fill(SEED, lengths);
    run.chunk(chunk);
    run.run(AttentionTasks::encodeAttend);
    checkEncoded(run, Arrays.stream(chunk).mapToInt(each -> each[2]).sum());
  }

  private static void checkEncoded(GroupKernelRun run, int tokens) {
    for (int token = 0; token < tokens; token += token == 1 ? 16 : 1) {
      for (int head = token % 2; head < run.layout().shape().heads(); head += 2) {
        assertThat(GroupKernelRun.error(run.encode(token, head), run.output(token, head)))
            .as("token %d, head %d", token, head)
            .isLessThan(1e-3);
      }
    }
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
        run.run(AttentionTasks::select);
        assertThat(run.deviceSelected(0, 1, keep))
            .as("keep %d, local %d", keep, local)
            .isEqualTo(GroupKernelRun.select(scores, keep, local));
      }
    }
  }

  /** No whole groups of items, and whole ones of a scale where there are scales. */
  private static int width(KvType type) {
    return type == KvType.Q8 ? 96 : 80;
  }

  /** The cache is full of other keys behind each row's token; none may show. */
  @ParameterizedTest
  @EnumSource(KvType.class)
  void appendDescribesTheBlockUpToItsToken(KvType type) {
    assumeTrue(
        type != KvType.F16 || GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    int width = width(type);
    GroupKernelRun run = run(2, width, 16, type);
    int[][] rows = {{4, 32}, {2, 37}, {0, 47}, {5, 0}};
    for (int row = 0; row < rows.length; row++) {
      run.row(row, rows[row][0], rows[row][1], 3, 1);
    }
    run.run(AttentionTasks::append);
    for (int row = 0; row < rows.length; row++) {
      int sequence = rows[row][0];
      int position = rows[row][1];
      for (int j = 0; j < width; j++) {
        assertThat(run.key(sequence, 1, position, j)).isEqualTo(run.newKey(row, 1, j));
        assertThat(run.value(sequence, 1, position, j)).isEqualTo(run.newValue(row, 1, j));
        checkDescriptor(run, sequence, position / 16, position + 1, j);
      }
    }
  }

  /** Of blocks of 16 and the second KV head. */
  private static void checkDescriptor(GroupKernelRun run, int sequence, int block, int end, int j) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int position = block * 16; position < Math.min(block * 16 + 16, end); position++) {
      min = Math.min(min, run.key(sequence, 1, position, j));
      max = Math.max(max, run.key(sequence, 1, position, j));
    }
    assertThat(run.blockMin(sequence, 1, block, j)).isEqualTo(run.bound(min));
    assertThat(run.blockMax(sequence, 1, block, j)).isEqualTo(run.bound(max));
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void encodeAppendRebuildsTouchedDescriptors(KvType type) {
    assumeTrue(
        type != KvType.F16 || GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    int width = width(type);
    GroupKernelRun run = run(2, width, 16, type);
    int[][] sequences = {{3, 30, 6}, {1, 0, 1}, {5, 47, 13}};
    run.chunk(sequences);
    run.run(AttentionTasks::encodeAppend);
    int token = 0;
    for (int[] each : sequences) {
      int end = each[1] + each[2];
      for (int position = each[1]; position < end; position++) {
        for (int j = 0; j < width; j++) {
          assertThat(run.key(each[0], 1, position, j)).isEqualTo(run.newKey(token, 1, j));
          assertThat(run.value(each[0], 1, position, j)).isEqualTo(run.newValue(token, 1, j));
          checkDescriptor(run, each[0], position / 16, end, j);
        }
        token++;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void aCopiedPageIsThePage(KvType type) {
    assumeTrue(
        type != KvType.F16 || GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    int width = width(type);
    GroupKernelRun run = run(2, width, 16, type);
    run.copy(2, 1, 4, 3);
    float before = run.key(4, 1, 3 * 48 + 48, 7);
    run.run(AttentionTasks::copyPage);
    for (int j = 0; j < width; j++) {
      for (int t = 0; t < 48; t++) {
        assertThat(run.key(4, 1, 3 * 48 + t, j)).isEqualTo(run.key(2, 1, 48 + t, j));
        assertThat(run.value(4, 1, 3 * 48 + t, j)).isEqualTo(run.value(2, 1, 48 + t, j));
      }
      for (int block = 0; block < 3; block++) {
        assertThat(run.blockMin(4, 1, 9 + block, j)).isEqualTo(run.blockMin(2, 1, 3 + block, j));
        assertThat(run.blockMax(4, 1, 9 + block, j)).isEqualTo(run.blockMax(2, 1, 3 + block, j));
      }
    }
    assertThat(run.key(4, 1, 3 * 48 + 48, 7)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void driftIsThatOfDoublePrecisionWhereItIsAskedFor(KvType type) {
    assumeTrue(
        type != KvType.F16 || GroupKernelRun.fp16(GroupKernelRun.DEVICE), "the device has no fp16");
    int[] headDims = type == KvType.Q8 ? new int[] {96} : new int[] {8, 64, 80, 128};
    for (int headDim : headDims) {
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

  /** With pages of 48 tokens or about so many: of more or less than any tile. */
  private static GroupKernelRun run(int group, int headDim, int blockSize, KvType type) {
    return run(group, headDim, blockSize, Math.ceilDiv(48, blockSize), type);
  }

  private static GroupKernelRun run(
      int group, int headDim, int blockSize, int pageBlocks, KvType type) {
    System.out.println("seed " + SEED);
    EngineOptions options =
        EngineOptions.of(272)
            .withSequences(ROWS.length)
            .withBlockSize(blockSize)
            .withPageBlocks(pageBlocks)
            .withEncodeTokens(20);
    return new GroupKernelRun(
        GroupKernelRun.DEVICE, new AttentionShape(2 * group, 2, headDim), options, type, SEED);
  }

  private static void check(int group, int headDim, int blockSize, KvType type, double tolerance) {
    check(run(group, headDim, blockSize, type), tolerance);
  }

  private static void check(GroupKernelRun run, double tolerance) {
    int blockSize = run.layout().blockSize();
    int group = run.layout().shape().group();
    int heads = 2 * group;
    int[] lengths = new int[ROWS.length];
    for (int row = 0; row < ROWS.length; row++) {
      int blocks = Math.ceilDiv(ROWS[row][0], blockSize);
      int keep = Math.min(ROWS[row][1], blocks);
      int sequence = (row + 2) % ROWS.length;
      run.row(row, sequence, ROWS[row][0] - 1, keep, 1);
      lengths[sequence] = ROWS[row][0];
    }
    // What a sequence does not see may be another's, whose numbers are none.
    run.fill(SEED, lengths);
    run.run(AttentionTasks::estimate, AttentionTasks::select, AttentionTasks::attend);
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

    run.run(AttentionTasks::attendDense);
    for (int row = 0; row < ROWS.length; row++) {
      int[] all = IntStream.range(0, Math.ceilDiv(ROWS[row][0], blockSize)).toArray();
      for (int head = 0; head < heads; head++) {
        assertThat(GroupKernelRun.error(run.attend(row, head, all), run.output(row, head)))
            .as("dense attention of row %d, head %d", row, head)
            .isLessThan(tolerance);
      }
    }

    for (int[][] chunk :
        new int[][][] {
          {{1, 0, 1}},
          {{1, 0, 20}},
          {{1, 27, 5}},
          {{1, 251, 20}},
          {{3, 251, 7}, {4, 0, 1}, {0, 47, 2}, {5, 90, 10}}
        }) {
      run.chunk(chunk);
      Arrays.fill(lengths, 0);
      for (int[] each : chunk) {
        lengths[each[0]] = each[1] + each[2];
      }
      run.fill(SEED, lengths);
      run.run(AttentionTasks::encodeAttend);
      int tokens = Arrays.stream(chunk).mapToInt(each -> each[2]).sum();
      for (int token = 0; token < tokens; token++) {
        for (int head = 0; head < heads; head++) {
          assertThat(GroupKernelRun.error(run.encode(token, head), run.output(token, head)))
              .as("token %d of %s, head %d", token, Arrays.deepToString(chunk), head)
              .isLessThan(tolerance);
        }
      }
    }
  }
}
