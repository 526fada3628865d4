package org.resa4j.tornado.attention;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.Setting;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Placeholders.Role;
import org.resa4j.tornado.array.Reals;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The device arrays that one layer's attention works on: the layer's own cache, and a workspace
 * that all layers share.
 *
 * @param layout their sizes
 * @param cache the layer's K, V and descriptors
 * @param work what a step or an encode call reads and writes
 */
public record AttentionBuffers(AttentionLayout layout, Cache cache, Workspace work) {
  /** What K and V, and descriptors, are counted as. */
  public static final String CACHE = "KV cache";

  public static final String DESCRIPTORS = "block descriptors";

  private static final List<Setting> CACHE_SETTINGS =
      List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES, Setting.KV_TYPE, Setting.CACHE_MEMORY);
  private static final List<Setting> BLOCK_SETTINGS =
      List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES);
  private static final List<Setting> CHUNK_SETTINGS =
      List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);
  private static final List<Setting> STEP_SETTINGS = List.of(Setting.SEQUENCES);

  /** For a layer with a cache of its own. */
  public static AttentionBuffers allocate(
      ArraySource source, AttentionLayout layout, Placeholders placeholders, Workspace work) {
    return new AttentionBuffers(layout, Cache.allocate(source, layout, placeholders), work);
  }

  /**
   * What all of an engine's layers share.
   *
   * @param halfOutput whether attention's output is in fp16
   */
  public static Workspace workspace(
      ArraySource source, AttentionLayout layout, Placeholders placeholders, boolean halfOutput) {
    return Workspace.allocate(source, layout, placeholders, halfOutput);
  }

  /**
   * K, V and descriptors of one layer, in the format of the layout's plan. Keys are after RoPE. Of
   * a cache in eight bits, scales are {@code [kvHead][page][P][d/32]} and descriptors, which are in
   * fp16, kept in fp32 where the device has no fp16.
   *
   * @param key {@code [kvHead][page][P][d]}; where a sequence has no token, anything, and no number
   *     either
   * @param value {@code [kvHead][page][P][d]}
   * @param blockMin {@code [kvHead][page][block of page][d]}
   * @param blockMax {@code [kvHead][page][block of page][d]}
   */
  public record Cache(CachedRows key, CachedRows value, Reals blockMin, Reals blockMax) {

    static Cache allocate(ArraySource source, AttentionLayout layout, Placeholders placeholders) {
      return new Cache(
          rows(source, layout, placeholders, Role.KEY),
          rows(source, layout, placeholders, Role.VALUE),
          descriptors(source, layout, placeholders, Role.BLOCK_MIN),
          descriptors(source, layout, placeholders, Role.BLOCK_MAX));
    }

    private static CachedRows rows(
        ArraySource source, AttentionLayout layout, Placeholders placeholders, Role role) {
      long values = layout.cacheValues();
      return switch (layout.plan().type()) {
        case F32 ->
            new CachedRows(
                source.floats(CACHE, values, CACHE_SETTINGS),
                placeholders.halfs(role),
                placeholders.ints(role),
                Reals.FLOAT);
        case F16 ->
            new CachedRows(
                placeholders.floats(role),
                source.halfs(CACHE, values, CACHE_SETTINGS),
                placeholders.ints(role),
                Reals.HALF);
        case Q8 -> {
          checkIndex(values);
          yield new CachedRows(
              source.floats(CACHE, values / EightBits.GROUP, CACHE_SETTINGS),
              placeholders.halfs(role),
              source.ints(CACHE, values / EightBits.PACKED, CACHE_SETTINGS),
              CachedRows.EIGHT);
        }
      };
    }

    private static long bytes(long values) {
      return values / EightBits.GROUP * EightBits.GROUP_BYTES;
    }

    /** Kernels count values, not the ints that have four of them. */
    private static void checkIndex(long values) {
      if (values > Integer.MAX_VALUE) {
        throw new DeviceMemoryException(
            "%s: K of one layer would be %d values, at most %d can be counted"
                .formatted(CACHE, values, Integer.MAX_VALUE),
            bytes(values),
            bytes(Integer.MAX_VALUE),
            CACHE_SETTINGS);
      }
    }

    private static Reals descriptors(
        ArraySource source, AttentionLayout layout, Placeholders placeholders, Role role) {
      boolean half = layout.plan().storage().descriptorBytes() == Short.BYTES;
      return placeholders.reals(
          source, role, half, DESCRIPTORS, layout.descriptorValues(), CACHE_SETTINGS);
    }

    /** What is put on the device. */
    public List<TornadoNativeArray> arrays() {
      List<TornadoNativeArray> all = new ArrayList<>(key.arrays());
      all.addAll(value.arrays());
      all.add(blockMin.array());
      all.add(blockMax.array());
      return all;
    }
  }

  /**
   * What changes from call to call. Rows are a step's rows or an encode call's tokens.
   *
   * @param rows a step's rows, see {@link Rows}; sent before each step
   * @param chunk an encode call's tokens, see {@link Chunk}; sent before each
   * @param tables {@code [sequence][tablePages]}, the block tables of the sequences that calls are
   *     of: their pages, ascending by token. Sent where one has changed. Entries past a sequence's
   *     last are pages too, of whatever was there before
   * @param query {@code [row][Hq][d]}, after RoPE
   * @param newKey {@code [row][Hkv][d]}, after RoPE
   * @param newValue {@code [row][Hkv][d]}
   * @param scores {@code [row][Hkv][blockCapacity]}, the estimate without what local blocks score
   * @param selected {@code [row][Hkv][blockCapacity]}, the first keepBlocks are valid, ascending
   * @param partial {@code [row][Hq][split][d]}, each split's weighted values, not yet divided
   * @param partialSums {@code [row][Hq][split][2]}, each split's softmax maximum and sum
   * @param output {@code [row][Hq][d]}
   */
  public record Workspace(
      IntArray rows,
      IntArray chunk,
      IntArray tables,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray scores,
      IntArray selected,
      FloatArray partial,
      FloatArray partialSums,
      Reals output) {

    static Workspace allocate(
        ArraySource source, AttentionLayout layout, Placeholders placeholders, boolean halfOutput) {
      int heads = layout.shape().heads() * layout.shape().headDim();
      int kvHeads = layout.shape().kvHeads() * layout.shape().headDim();
      long rows = layout.rowCapacity();
      long partials = layout.partials();
      return new Workspace(
          source.ints("rows", Rows.size(layout), STEP_SETTINGS),
          source.ints("tokens of a call", Chunk.size(layout), CHUNK_SETTINGS),
          source.ints("block tables", layout.tableValues(), BLOCK_SETTINGS),
          source.floats("queries", rows * heads, CHUNK_SETTINGS),
          source.floats("new keys and values", rows * kvHeads, CHUNK_SETTINGS),
          source.floats("new keys and values", rows * kvHeads, CHUNK_SETTINGS),
          source.floats("block scores", layout.scoreValues(), BLOCK_SETTINGS),
          source.ints("selected blocks", layout.scoreValues(), BLOCK_SETTINGS),
          source.floats("partial results", partials * layout.shape().headDim(), CHUNK_SETTINGS),
          source.floats("partial results", partials * 2, CHUNK_SETTINGS),
          placeholders.reals(
              source, Role.INPUT, halfOutput, "queries", rows * heads, CHUNK_SETTINGS));
    }

    /** What the layers of a model, or the calls of a layer, hand to each other. */
    public List<TornadoNativeArray> arrays() {
      return List.of(
          rows,
          chunk,
          tables,
          query,
          newKey,
          newValue,
          scores,
          selected,
          partial,
          partialSums,
          output.array());
    }
  }

  /** {@link Workspace#rows}: a header, then {@link #INTS} ints for each row. */
  public static final class Rows {
    /** Index of the number of active rows. */
    public static final int COUNT = 0;

    /** Ints before the first row; all but the first unused. */
    public static final int HEADER = 4;

    /** Ints of a row. */
    public static final int INTS = 4;

    /** Where the sequence's block table begins in {@link Workspace#tables}. */
    public static final int TABLE = 0;

    /** The row's token stands here; it sees position + 1 tokens. */
    public static final int POSITION = 1;

    public static final int KEEP_BLOCKS = 2;
    public static final int LOCAL_BLOCKS = 3;

    private Rows() {}

    /** Ints of all. */
    public static long size(AttentionLayout layout) {
      return HEADER + (long) layout.sequences() * INTS;
    }
  }

  /**
   * {@link Workspace#chunk}: a header, then {@link #INTS} ints for each of as many entries as a
   * call has tokens at the most. An entry is one of several lists at once: the i-th token, the i-th
   * tile of rows, the i-th block that is written to, the i-th row of logits. None of the lists is
   * longer than that of the tokens.
   */
  public static final class Chunk {
    /** Tokens in this call; rows from here on are to be left alone. */
    public static final int COUNT = 0;

    public static final int TILES = 1;
    public static final int BLOCKS = 2;

    /** Rows of logits. */
    public static final int LOGITS = 3;

    /** 1 where the drift of the tokens that are overwritten is wanted, else 0. */
    public static final int MEASURE = 4;

    /** The page that is to be copied; the same as {@link #COPY_TO} where none is. */
    public static final int COPY_FROM = 5;

    public static final int COPY_TO = 6;

    /** Ints before the first entry. */
    public static final int HEADER = 8;

    /** Ints of an entry. */
    public static final int INTS = 8;

    /** Of a token: where its sequence's block table begins in {@link Workspace#tables}. */
    public static final int TABLE = 0;

    /** Of a token: where it stands; it sees position + 1 tokens. */
    public static final int POSITION = 1;

    /** Of a tile: its first row, token · G + g. */
    public static final int TILE_FIRST = 2;

    /** Of a tile: how many rows, of one sequence. */
    public static final int TILE_ROWS = 3;

    /** Of a block: where its sequence's block table begins. */
    public static final int BLOCK_TABLE = 4;

    /** Of a block: its index in the sequence. */
    public static final int BLOCK = 5;

    /** Of a block: the tokens that the sequence has after the call. */
    public static final int BLOCK_END = 6;

    /** Of a row of logits: the token that they are of. */
    public static final int LOGIT_TOKEN = 7;

    private Chunk() {}

    /** Ints of all. */
    public static long size(AttentionLayout layout) {
      return HEADER + (long) layout.encodeTokens() * INTS;
    }
  }
}
