package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;

/**
 * What every engine's attention must do, on every device it finds. An engine's module extends this
 * with its provider.
 */
public abstract class AttentionContractTest {
  private static final long SEED = 20260704;

  /** fp32 against double precision. */
  private static final double TOLERANCE = 1e-5;

  protected abstract EngineProvider provider();

  private AttentionLayer open(Device device, AttentionShape shape, EngineOptions options) {
    return provider().openAttention(shape, options.withDevice(device.id()).withKvType(KvType.F32));
  }

  /**
   * Random keys that drift with time, so that blocks differ and selection has something to find.
   */
  static final class Tokens {
    final int count;
    final float[] query;
    final float[] key;
    final float[] value;
    private final AttentionShape shape;

    Tokens(AttentionShape shape, int count, long seed) {
      this.shape = shape;
      this.count = count;
      Random random = new Random(seed);
      query = gaussian(random, count * shape.heads() * shape.headDim());
      key = gaussian(random, count * shape.kvHeads() * shape.headDim());
      value = gaussian(random, key.length);
      int row = shape.kvHeads() * shape.headDim();
      for (int i = 0; i < key.length; i++) {
        int token = i / row;
        key[i] += (float) Math.sin(token * 0.11 + i % row);
      }
    }

    private static float[] gaussian(Random random, int size) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }

    double[][] keys(int kvHead, int tokens) {
      return rows(key, kvHead, tokens);
    }

    double[][] values(int kvHead, int tokens) {
      return rows(value, kvHead, tokens);
    }

    private double[][] rows(float[] from, int kvHead, int tokens) {
      double[][] rows = new double[tokens][];
      for (int t = 0; t < tokens; t++) {
        rows[t] = wide(from, (t * shape.kvHeads() + kvHead) * shape.headDim());
      }
      return rows;
    }

    double[] query(int token, int head) {
      return wide(query, (token * shape.heads() + head) * shape.headDim());
    }

    double[][] group(int token, int kvHead) {
      double[][] rows = new double[shape.group()][];
      for (int g = 0; g < rows.length; g++) {
        rows[g] = query(token, kvHead * shape.group() + g);
      }
      return rows;
    }

    private double[] wide(float[] from, int offset) {
      double[] row = new double[shape.headDim()];
      for (int j = 0; j < row.length; j++) {
        row[j] = from[offset + j];
      }
      return row;
    }

    float[] queryOf(int from, int tokens) {
      int row = shape.heads() * shape.headDim();
      return Arrays.copyOfRange(query, from * row, (from + tokens) * row);
    }

    float[] keyOf(int from, int tokens) {
      int row = shape.kvHeads() * shape.headDim();
      return Arrays.copyOfRange(key, from * row, (from + tokens) * row);
    }

    float[] valueOf(int from, int tokens) {
      int row = shape.kvHeads() * shape.headDim();
      return Arrays.copyOfRange(value, from * row, (from + tokens) * row);
    }
  }

  /** Encodes tokens 0 to count - 1 in chunks and returns their outputs. */
  static float[] encodeAll(AttentionLayer layer, int sequence, Tokens tokens, int count) {
    int row = layer.shape().heads() * layer.shape().headDim();
    float[] output = new float[count * row];
    int chunk = layer.info().options().encodeTokens();
    for (int from = 0; from < count; from += chunk) {
      int n = Math.min(chunk, count - from);
      float[] part = new float[n * row];
      layer.encode(
          Pages.of(layer, sequence),
          from,
          n,
          tokens.queryOf(from, n),
          tokens.keyOf(from, n),
          tokens.valueOf(from, n),
          part);
      System.arraycopy(part, 0, output, from * row, part.length);
    }
    return output;
  }

  private static float[] stepOne(
      AttentionLayer layer, int sequence, Tokens tokens, int position, ResaConfig config) {
    StepBatch batch = new StepBatch(1);
    batch.add(Pages.of(layer, sequence), 0, position, config);
    float[] output = new float[layer.shape().heads() * layer.shape().headDim()];
    layer.step(
        batch,
        tokens.queryOf(position, 1),
        tokens.keyOf(position, 1),
        tokens.valueOf(position, 1),
        output);
    return output;
  }

  private List<DynamicTest> onEveryDevice(java.util.function.Consumer<Device> test) {
    List<Device> devices = provider().devices();
    assertThat(devices).as("devices of engine " + provider().name()).isNotEmpty();
    return devices.stream()
        .map(device -> DynamicTest.dynamicTest(device.id(), () -> test.accept(device)))
        .toList();
  }

  @TestFactory
  List<DynamicTest> sparseStepsMatchTheReferenceAtAwkwardSizes() {
    System.out.println("seed " + SEED);
    record Case(int heads, int kvHeads, int width, int blockSize, int tokens, ResaConfig config) {}
    List<Case> cases =
        List.of(
            new Case(1, 1, 64, 16, 1, new ResaConfig(16, 0.25, 1, 1, 0)),
            new Case(2, 2, 64, 16, 15, new ResaConfig(16, 0.25, 1, 1, 0)),
            new Case(4, 2, 80, 16, 16, new ResaConfig(16, 0.25, 1, 1, 0)),
            new Case(3, 1, 96, 16, 17, new ResaConfig(16, 0.25, 1, 1, 0)),
            new Case(4, 1, 128, 16, 27, new ResaConfig(16, 0.5, 1, 1, 0)),
            new Case(5, 1, 64, 8, 300, new ResaConfig(8, 0.1, 3, 2, 0)),
            new Case(12, 2, 80, 16, 403, new ResaConfig(16, 0.2, 2, 0, 0)),
            new Case(7, 1, 128, 16, 1541, new ResaConfig(16, 0.1, 16, 1, 0)),
            new Case(16, 2, 64, 32, 1541, new ResaConfig(32, 0.15, 2, 3, 0)));
    return onEveryDevice(
        device -> {
          for (Case each : cases) {
            AttentionShape shape = new AttentionShape(each.heads, each.kvHeads, each.width);
            Tokens tokens = new Tokens(shape, each.tokens, SEED + each.tokens);
            EngineOptions options = EngineOptions.of(each.tokens).withBlockSize(each.blockSize);
            try (AttentionLayer layer = open(device, shape, options)) {
              if (each.tokens > 1) {
                encodeAll(layer, 0, tokens, each.tokens - 1);
              }
              float[] output = stepOne(layer, 0, tokens, each.tokens - 1, each.config);
              checkStep(each.toString(), layer, 0, tokens, each.tokens, each.config, output, 0);
            }
          }
        });
  }

  /** Checks selection and output of a row against the reference. */
  private static void checkStep(
      String what,
      AttentionLayer layer,
      int row,
      Tokens tokens,
      int count,
      ResaConfig config,
      float[] output,
      int offset) {
    AttentionShape shape = layer.shape();
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      Vectors keys = Vectors.of(tokens.keys(kvHead, count));
      Vectors values = Vectors.of(tokens.values(kvHead, count));
      double[] mean = ReferenceAttention.meanQuery(tokens.group(count - 1, kvHead));
      double[] scores = ReferenceAttention.estimate(mean, keys, count, config.blockSize());
      int[] selected = ReferenceAttention.select(scores, config, count);
      assertThat(layer.selected(row, kvHead)).as(what + " head " + kvHead).isEqualTo(selected);
      for (int g = 0; g < shape.group(); g++) {
        int head = kvHead * shape.group() + g;
        double[] expected =
            ReferenceAttention.attend(
                tokens.query(count - 1, head),
                keys,
                values,
                ReferenceAttention.tokens(selected, count, config.blockSize()));
        assertThat(Errors.relative(expected, output, offset + head * shape.headDim()))
            .as(what + " query head " + head)
            .isLessThan(TOLERANCE);
      }
    }
  }

  @TestFactory
  List<DynamicTest> encodeIsDenseAndCausal() {
    return onEveryDevice(
        device -> {
          AttentionShape shape = new AttentionShape(6, 2, 80);
          int count = 203;
          Tokens tokens = new Tokens(shape, count, SEED);
          try (AttentionLayer layer =
              open(device, shape, EngineOptions.of(count).withEncodeTokens(67))) {
            float[] output = encodeAll(layer, 0, tokens, count);
            for (int t = 0; t < count; t++) {
              for (int head = 0; head < shape.heads(); head++) {
                int kvHead = head / shape.group();
                double[] expected =
                    ReferenceAttention.attend(
                        tokens.query(t, head),
                        Vectors.of(tokens.keys(kvHead, t + 1)),
                        Vectors.of(tokens.values(kvHead, t + 1)),
                        ReferenceAttention.allTokens(t + 1));
                assertThat(Errors.relative(expected, output, (t * shape.heads() + head) * 80))
                    .as("token " + t + " head " + head)
                    .isLessThan(TOLERANCE);
              }
            }
          }
        });
  }

  @TestFactory
  List<DynamicTest> aWindowIsRectifiedOverTheBlocksThatItsTokensSelect() {
    record Case(int heads, int kvHeads, int width, int position, int window, ResaConfig config) {}
    List<Case> cases =
        List.of(
            new Case(4, 2, 64, 470, 16, new ResaConfig(4, 0.1, 2, 2, 16).withRectifyKeep(0.05)),
            new Case(6, 2, 80, 333, 32, new ResaConfig(16, 0.1, 1, 0, 32).withRectifyKeep(0.1)),
            new Case(5, 1, 128, 700, 45, new ResaConfig(8, 0.1, 3, 1, 45).withRectifyKeep(0.02)),
            new Case(2, 2, 96, 0, 40, new ResaConfig(16, 0.1, 1, 1, 32).withRectifyKeep(0.3)),
            new Case(3, 3, 64, 255, 1, new ResaConfig(16, 0.1, 2, 1, 32).withRectifyKeep(0.2)),
            new Case(1, 1, 64, 64, 3, new ResaConfig(16, 0.1, 99, 1, 32).withRectifyKeep(0.2)));
    return onEveryDevice(
        device -> {
          for (Case each : cases) {
            AttentionShape shape = new AttentionShape(each.heads, each.kvHeads, each.width);
            int count = each.position + each.window;
            Tokens tokens = new Tokens(shape, count, SEED + count);
            EngineOptions options =
                EngineOptions.of(count + 5)
                    .withBlockSize(each.config.blockSize())
                    .withEncodeTokens(64);
            try (AttentionLayer layer = open(device, shape, options)) {
              encodeAll(layer, 0, tokens, count);
              float[] output = new float[each.window * shape.heads() * shape.headDim()];
              ThrowingCallable rectify =
                  () ->
                      layer.rectify(
                          Pages.of(layer, 0),
                          each.position,
                          each.window,
                          each.config,
                          tokens.queryOf(each.position, each.window),
                          tokens.keyOf(each.position, each.window),
                          tokens.valueOf(each.position, each.window),
                          output);
              if (!layer.info().encodesSelections()) {
                assertThatThrownBy(rectify)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("densely");
                return;
              }
              call(rectify);
              checkWindow(each.toString(), shape, tokens, each.position, each.config, output);
            }
          }
        });
  }

  private static void call(ThrowingCallable what) {
    assertThatCode(what).doesNotThrowAnyException();
  }

  private static void checkWindow(
      String what,
      AttentionShape shape,
      Tokens tokens,
      int position,
      ResaConfig config,
      float[] output) {
    int window = tokens.count - position;
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      Vectors keys = Vectors.of(tokens.keys(kvHead, tokens.count));
      Vectors values = Vectors.of(tokens.values(kvHead, tokens.count));
      double[][] means = new double[window][];
      for (int t = 0; t < window; t++) {
        means[t] = ReferenceAttention.meanQuery(tokens.group(position + t, kvHead));
      }
      int[] blocks =
          ReferenceAttention.windowBlocks(
              means, keys, position, config.rectifySelection().orElseThrow());
      for (int t = 0; t < window; t++) {
        int visible = position + t + 1;
        int[] seen =
            Arrays.stream(ReferenceAttention.tokens(blocks, tokens.count, config.blockSize()))
                .filter(token -> token < visible)
                .toArray();
        for (int g = 0; g < shape.group(); g++) {
          int head = kvHead * shape.group() + g;
          double[] expected =
              ReferenceAttention.attend(tokens.query(position + t, head), keys, values, seen);
          assertThat(
                  Errors.relative(expected, output, (t * shape.heads() + head) * shape.headDim()))
              .as(what + " token " + t + " head " + head)
              .isLessThan(TOLERANCE);
        }
      }
    }
  }

  @TestFactory
  List<DynamicTest> rowsOfARaggedBatchDoNotDisturbEachOther() {
    return onEveryDevice(
        device -> {
          AttentionShape shape = new AttentionShape(4, 2, 64);
          int[] lengths = {1, 500, 33, 16, 257};
          ResaConfig[] configs = {
            new ResaConfig(16, 0.1, 2, 1, 0),
            new ResaConfig(16, 0.1, 2, 1, 0),
            ResaConfig.dense(16),
            new ResaConfig(16, 0.5, 1, 0, 0),
            new ResaConfig(16, 0.3, 4, 2, 0)
          };
          int[] slots = {3, 0, 4, 1, 2};
          EngineOptions options = EngineOptions.of(512).withSequences(5);
          try (AttentionLayer layer = open(device, shape, options)) {
            StepBatch batch = new StepBatch(5);
            int queryRow = shape.heads() * shape.headDim();
            int keyRow = shape.kvHeads() * shape.headDim();
            float[] query = new float[5 * queryRow];
            float[] key = new float[5 * keyRow];
            float[] value = new float[5 * keyRow];
            Tokens[] tokens = new Tokens[5];
            for (int row = 0; row < 5; row++) {
              tokens[row] = new Tokens(shape, lengths[row], SEED + row);
              int last = lengths[row] - 1;
              if (last > 0) {
                encodeAll(layer, slots[row], tokens[row], last);
              }
              batch.add(Pages.of(layer, slots[row]), 0, last, configs[row]);
              System.arraycopy(tokens[row].queryOf(last, 1), 0, query, row * queryRow, queryRow);
              System.arraycopy(tokens[row].keyOf(last, 1), 0, key, row * keyRow, keyRow);
              System.arraycopy(tokens[row].valueOf(last, 1), 0, value, row * keyRow, keyRow);
            }
            float[] output = new float[5 * queryRow];
            layer.step(batch, query, key, value, output);
            for (int row = 0; row < 5; row++) {
              checkStep(
                  "row " + row,
                  layer,
                  row,
                  tokens[row],
                  lengths[row],
                  configs[row],
                  output,
                  row * queryRow);
            }
          }
        });
  }

  @TestFactory
  List<DynamicTest> equalScoresGoToTheLowerBlock() {
    return onEveryDevice(
        device -> {
          AttentionShape shape = new AttentionShape(1, 1, 64);
          int count = 160;
          Tokens tokens = new Tokens(shape, count, SEED);
          Arrays.fill(tokens.key, 1);
          ResaConfig config = new ResaConfig(16, 0.4, 1, 1, 0);
          try (AttentionLayer layer = open(device, shape, EngineOptions.of(count))) {
            encodeAll(layer, 0, tokens, count - 1);
            stepOne(layer, 0, tokens, count - 1, config);
            assertThat(layer.selected(0, 0)).containsExactly(0, 1, 2, 9);
          }
        });
  }

  /** A model's fault may put anything into the cache; what is read of it then stays in it. */
  @TestFactory
  List<DynamicTest> whateverTheScoresAreBlocksAreSelectedAscending() {
    float[] awkward = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -0f
    };
    return onEveryDevice(
        device -> {
          AttentionShape shape = new AttentionShape(2, 1, 64);
          int count = 160;
          ResaConfig config = new ResaConfig(16, 0.4, 1, 2, 0);
          for (int kind = 0; kind <= awkward.length; kind++) {
            Tokens tokens = new Tokens(shape, count, SEED);
            for (int block = kind % 2; block < 9; block += 2) {
              float key = awkward[(kind < awkward.length ? kind : block) % awkward.length];
              Arrays.fill(tokens.key, block * 16 * 64, block * 16 * 64 + 64, key);
            }
            try (AttentionLayer layer = open(device, shape, EngineOptions.of(count))) {
              encodeAll(layer, 0, tokens, count - 1);
              stepOne(layer, 0, tokens, count - 1, config);
              int[] selected = layer.selected(0, 0);
              assertThat(selected)
                  .as("kind %d", kind)
                  .hasSize(4)
                  .endsWith(8, 9)
                  .doesNotHaveDuplicates()
                  .isSorted();
              assertThat(selected[0]).isNotNegative();
            }
          }
        });
  }

  @TestFactory
  List<DynamicTest> appendedDescriptorsEqualRebuiltOnes() {
    return onEveryDevice(
        device -> {
          AttentionShape shape = new AttentionShape(2, 2, 64);
          int count = 75;
          Tokens tokens = new Tokens(shape, count, SEED);
          EngineOptions options = EngineOptions.of(count).withSequences(2);
          try (AttentionLayer layer = open(device, shape, options)) {
            encodeAll(layer, 0, tokens, count);
            for (int position = 0; position < count; position++) {
              stepOne(layer, 1, tokens, position, ResaConfig.DEFAULT);
            }
            assertThat(layer.snapshot(Pages.of(layer, 1), count))
                .usingRecursiveComparison()
                .isEqualTo(layer.snapshot(Pages.of(layer, 0), count));
          }
        });
  }

  /** Bounds that were too wide must shrink, those of untouched blocks must stay. */
  @TestFactory
  List<DynamicTest> rectifyingRestoresTheDenseCache() {
    return onEveryDevice(
        device -> {
          AttentionShape shape = new AttentionShape(2, 1, 64);
          int count = 83;
          int last = 40;
          Tokens right = new Tokens(shape, count, SEED);
          Tokens wrong = new Tokens(shape, count, SEED + 1);
          for (int i = 0; i < wrong.key.length; i++) {
            wrong.key[i] *= 10;
          }
          EngineOptions options = EngineOptions.of(count).withSequences(2);
          try (AttentionLayer layer = open(device, shape, options)) {
            encodeAll(layer, 0, right, count);
            CacheSnapshot dense = layer.snapshot(Pages.of(layer, 0), count);
            encodeAll(layer, 1, right, count - last);
            for (int position = count - last; position < count; position++) {
              stepOne(layer, 1, wrong, position, ResaConfig.DEFAULT);
            }
            CacheSnapshot drifted = layer.snapshot(Pages.of(layer, 1), count);
            assertThat(drifted.key()).isNotEqualTo(dense.key());
            assertThat(drifted.blockMax()).isNotEqualTo(dense.blockMax());
            layer.encode(
                Pages.of(layer, 1),
                count - last,
                last,
                right.queryOf(count - last, last),
                right.keyOf(count - last, last),
                right.valueOf(count - last, last),
                new float[last * 2 * 64]);
            assertThat(layer.snapshot(Pages.of(layer, 1), count))
                .usingRecursiveComparison()
                .isEqualTo(dense);
          }
        });
  }

  @Test
  void slotsPositionsAndArraysAreChecked() {
    Device device = provider().devices().getFirst();
    AttentionShape shape = new AttentionShape(2, 1, 64);
    try (AttentionLayer layer = open(device, shape, EngineOptions.of(32).withEncodeTokens(8))) {
      float[] row = new float[8 * 2 * 64];
      assertThatThrownBy(() -> layer.encode(Pages.of(layer, 1), 0, 1, row, row, row, row))
          .hasMessageContaining("sequence 1");
      assertThatThrownBy(() -> layer.encode(Pages.of(layer, 0), 0, 9, row, row, row, row))
          .hasMessageContaining("1 to 8 tokens");
      assertThatThrownBy(() -> layer.encode(Pages.of(layer, 0), 30, 4, row, row, row, row))
          .hasMessageContaining("do not fit");
      assertThatThrownBy(() -> layer.encode(Pages.of(layer, 0), 0, 8, new float[4], row, row, row))
          .hasMessageContaining("query has 4");
      StepBatch batch = new StepBatch(1);
      batch.add(Pages.of(layer, 0), 0, 32, ResaConfig.DEFAULT);
      assertThatThrownBy(() -> layer.step(batch, row, row, row, row))
          .hasMessageContaining("position 32");
      batch.clear();
      batch.add(Pages.of(layer, 0), 0, 3, new ResaConfig(8, 0.1, 1, 1, 0));
      assertThatThrownBy(() -> layer.step(batch, row, row, row, row))
          .hasMessageContaining("blocks of 8");
    }
  }

  @Test
  void aCacheBeyondTheDeviceIsRefusedWithTheNumbersAndTheSetting() {
    Device device = provider().devices().getFirst();
    AttentionShape shape = new AttentionShape(8, 8, 128);
    EngineOptions options = EngineOptions.of(1 << 24).withSequences(64);
    assertThatThrownBy(() -> open(device, shape, options))
        .hasMessageContaining("GiB")
        .isInstanceOfSatisfying(
            DeviceMemoryException.class,
            e -> {
              assertThat(e.settings()).contains(Setting.CONTEXT_LENGTH);
              assertThat(e.neededBytes()).isGreaterThan(e.availableBytes());
            });
  }

  @Test
  void whatWasClosedIsRefusedAndClosingTwiceDoesNothing() {
    AttentionShape shape = new AttentionShape(2, 1, 64);
    AttentionLayer layer = open(provider().devices().getFirst(), shape, EngineOptions.of(32));
    float[] row = new float[128];
    StepBatch batch = new StepBatch(1);
    batch.add(Pages.of(layer, 0), 0, 0, ResaConfig.dense(16));
    layer.step(batch, row, row, row, row.clone());
    layer.close();
    layer.close();
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> layer.step(batch, row, row, row, row.clone()),
            () -> layer.encode(Pages.of(layer, 0), 0, 1, row, row, row, row.clone()),
            () -> layer.load(Pages.of(layer, 0), 0, 1, row, row),
            () -> layer.selected(0, 0),
            () -> layer.snapshot(Pages.of(layer, 0), 1))) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void theCallersBatchMayBeRefilledBeforeTheSelectionIsRead() {
    AttentionShape shape = new AttentionShape(2, 1, 64);
    EngineOptions options = EngineOptions.of(64).withBlockSize(16);
    ResaConfig sparse = new ResaConfig(16, 0.1, 1, 1, 0);
    try (AttentionLayer layer = open(provider().devices().getFirst(), shape, options)) {
      float[] rows = new float[64 * 128];
      layer.encode(Pages.of(layer, 0), 0, 63, rows, rows, rows, rows.clone());
      StepBatch batch = new StepBatch(1);
      batch.add(Pages.of(layer, 0), 0, 63, sparse);
      layer.step(batch, rows, rows, rows, rows.clone());
      int[] selected = layer.selected(0, 0);
      batch.clear();
      batch.add(Pages.of(layer, 0), 0, 5, ResaConfig.dense(16));
      assertThat(layer.selected(0, 0)).isEqualTo(selected).containsExactly(3);
      batch.clear();
      assertThat(layer.selected(0, 0)).isEqualTo(selected);
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> layer.selected(1, 0),
              () -> layer.selected(-1, 0),
              () -> layer.selected(0, 1))) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void aDeviceThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () ->
                provider()
                    .openAttention(
                        new AttentionShape(1, 1, 64), EngineOptions.of(16).withDevice("moon:7")))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("moon:7");
  }

  /** Of anything that Java runs on: 100 MB/s to 100 TB/s. */
  @TestFactory
  List<DynamicTest> copyBandwidthIsThatOfSomeMachine() {
    return onEveryDevice(
        device ->
            assertThat(DeviceProbe.of(provider()).copyBandwidth(device)).isBetween(1e8, 1e14));
  }

  @Test
  void theCopyBandwidthOfADeviceThatIsNotThereIsRefused() {
    Device device = provider().devices().getFirst();
    Device moon =
        new Device(
            "moon:7",
            device.engine(),
            device.backend(),
            device.name(),
            device.kind(),
            device.memoryBytes(),
            device.maxAllocationBytes(),
            device.fp16(),
            device.computeUnits());
    assertThatThrownBy(() -> DeviceProbe.of(provider()).copyBandwidth(moon))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("moon:7");
  }
}
