package org.resa4j.tornado.attention;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.Drift;
import org.resa4j.error.Setting;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.HostMemory;
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
  private static final List<Setting> SETTINGS = List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);

  public static final int KEY_CHANGE = 0;
  public static final int KEY = 1;
  public static final int VALUE_CHANGE = 2;
  public static final int VALUE = 3;

  /** How many sums there are. */
  public static final int COUNT = 4;

  /** For a model with so many caches. */
  public static DriftBuffers allocate(ArraySource source, AttentionLayout layout, int caches) {
    long parts = (long) caches * layout.encodeTokens() * layout.shape().kvHeads() * COUNT;
    return new DriftBuffers(
        HostMemory.ints(1),
        source.floats("drift", parts, SETTINGS),
        source.floats("drift", (long) caches * COUNT, SETTINGS));
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
