package org.resa4j.tornado.attention;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.Drift;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Where an encode call that measures drift leaves how far the K and V were that it overwrites: sums
 * of squares, four of them.
 *
 * @param cache one int, which of the model's KV caches a layer's tasks look at; an array because
 *     the tasks of all layers share their compiled code
 * @param parts {@code [cache][token][Hkv][4]}, each token's and head's sums over d
 * @param sums {@code [cache][4]}, those of the whole call
 */
public record DriftBuffers(IntArray cache, FloatArray parts, FloatArray sums) {
  public static final int KEY_CHANGE = 0;
  public static final int KEY = 1;
  public static final int VALUE_CHANGE = 2;
  public static final int VALUE = 3;

  /** How many sums there are. */
  public static final int COUNT = 4;

  /** Parts of {@code caches} caches. */
  public static long partValues(AttentionLayout layout, int caches) {
    return (long) caches * layout.encodeTokens() * layout.shape().kvHeads() * COUNT;
  }

  public static DriftBuffers allocate(AttentionLayout layout, int caches) {
    return new DriftBuffers(
        HostMemory.ints(1),
        HostMemory.floats(Math.toIntExact(partValues(layout, caches))),
        HostMemory.floats(caches * COUNT));
  }

  /** The same for the tasks of one of the caches. */
  public DriftBuffers of(int index) {
    IntArray own = HostMemory.ints(1);
    own.set(0, index);
    return new DriftBuffers(own, parts, sums);
  }

  /** The sums, which have been copied back. */
  public Drift toHost() {
    List<Drift.Layer> layers = new ArrayList<>();
    for (int at = 0; at < sums.getSize(); at += COUNT) {
      layers.add(
          new Drift.Layer(
              sums.get(at + KEY_CHANGE),
              sums.get(at + KEY),
              sums.get(at + VALUE_CHANGE),
              sums.get(at + VALUE)));
    }
    return new Drift(layers);
  }
}
