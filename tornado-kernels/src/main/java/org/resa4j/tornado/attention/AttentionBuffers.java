package org.resa4j.tornado.attention;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
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

  /**
   * K, V and descriptors of one layer, in the layout's {@link CacheStorage}. Keys are after RoPE.
   *
   * @param key {@code [sequence][kvHead][contextPadded][d]}
   * @param value {@code [sequence][kvHead][contextPadded][d]}
   * @param blockMin {@code [sequence][kvHead][blockCapacity][d]}
   * @param blockMax {@code [sequence][kvHead][blockCapacity][d]}
   */
  public record Cache(
      TornadoNativeArray key,
      TornadoNativeArray value,
      TornadoNativeArray blockMin,
      TornadoNativeArray blockMax) {

    public static Cache allocate(AttentionLayout layout) {
      CacheStorage storage = layout.storage();
      return new Cache(
          storage.allocate(layout.cacheValues()),
          storage.allocate(layout.cacheValues()),
          storage.allocate(layout.descriptorValues()),
          storage.allocate(layout.descriptorValues()));
    }

    public FloatArray keyFloat() {
      return (FloatArray) key;
    }

    public FloatArray valueFloat() {
      return (FloatArray) value;
    }

    public FloatArray blockMinFloat() {
      return (FloatArray) blockMin;
    }

    public FloatArray blockMaxFloat() {
      return (FloatArray) blockMax;
    }

    public HalfFloatArray keyHalf() {
      return (HalfFloatArray) key;
    }

    public HalfFloatArray valueHalf() {
      return (HalfFloatArray) value;
    }

    public HalfFloatArray blockMinHalf() {
      return (HalfFloatArray) blockMin;
    }

    public HalfFloatArray blockMaxHalf() {
      return (HalfFloatArray) blockMax;
    }

    public LongArray keyPacked() {
      return (LongArray) key;
    }

    public LongArray valuePacked() {
      return (LongArray) value;
    }

    public LongArray blockMinPacked() {
      return (LongArray) blockMin;
    }

    public LongArray blockMaxPacked() {
      return (LongArray) blockMax;
    }
  }

  /**
   * What changes from call to call. Rows are a step's rows or an encode call's tokens.
   *
   * @param rows a step's rows, see {@link Rows}; sent before each step
   * @param chunk an encode call's sequence, position and count, see {@link Chunk}; sent before each
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
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray scores,
      IntArray selected,
      FloatArray partial,
      FloatArray partialSums,
      FloatArray output) {

    public static Workspace allocate(AttentionLayout layout) {
      int heads = layout.shape().heads() * layout.shape().headDim();
      int kvHeads = layout.shape().kvHeads() * layout.shape().headDim();
      int rows = layout.rowCapacity();
      return new Workspace(
          HostMemory.ints(Rows.HEADER + layout.sequences() * Rows.INTS),
          HostMemory.ints(Chunk.INTS),
          HostMemory.floats(rows * heads),
          HostMemory.floats(rows * kvHeads),
          HostMemory.floats(rows * kvHeads),
          HostMemory.floats(Math.toIntExact(layout.scoreValues())),
          HostMemory.ints(Math.toIntExact(layout.scoreValues())),
          HostMemory.floats(Math.toIntExact(layout.partials() * layout.shape().headDim())),
          HostMemory.floats(Math.toIntExact(layout.partials() * 2)),
          HostMemory.floats(rows * heads));
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

    public static final int SEQUENCE = 0;

    /** The row's token stands here; it sees position + 1 tokens. */
    public static final int POSITION = 1;

    public static final int KEEP_BLOCKS = 2;
    public static final int LOCAL_BLOCKS = 3;

    private Rows() {}
  }

  /** {@link Workspace#chunk}. */
  public static final class Chunk {
    public static final int SEQUENCE = 0;

    /** Position of the first token. */
    public static final int POSITION = 1;

    /** Tokens in this call; rows from here on are to be left alone. 0 only with position 0. */
    public static final int COUNT = 2;

    /** Always 1: the rows of the call that leave logits. */
    public static final int LAST_ROWS = 3;

    /** 1 where the drift of the tokens that are overwritten is wanted, else 0. */
    public static final int MEASURE = 4;

    public static final int INTS = 5;

    private Chunk() {}
  }
}
