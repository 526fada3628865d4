package org.resa4j.tornado.array;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.resa4j.error.Setting;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What stands for the arrays of the other formats in {@link Reals}: arrays of one element, the same
 * for all layers.
 *
 * <p>No kernel is given one of them twice: TornadoVM would find that a task that reads one argument
 * and writes another waits for itself, and go round for ever.
 */
public final class Placeholders {
  /** The arguments of one kernel that may be in either format. */
  public enum Role {
    KEY,
    VALUE,
    BLOCK_MIN,
    BLOCK_MAX,
    WEIGHTS,
    /** Of quantised weights. */
    SCALES,
    /** Of a matrix product. */
    INPUT
  }

  /** Those that ints may stand for too. */
  private static final List<Role> CACHED = List.of(Role.KEY, Role.VALUE);

  private final Map<Role, FloatArray> floats = new EnumMap<>(Role.class);
  private final Map<Role, HalfFloatArray> halfs = new EnumMap<>(Role.class);
  private final Map<Role, IntArray> ints = new EnumMap<>(Role.class);

  public Placeholders() {
    for (Role role : Role.values()) {
      floats.put(role, HostMemory.floats(1));
      halfs.put(role, HostMemory.halfs(1));
    }
    for (Role role : CACHED) {
      ints.put(role, HostMemory.ints(1));
    }
  }

  public FloatArray floats(Role role) {
    return floats.get(role);
  }

  public HalfFloatArray halfs(Role role) {
    return halfs.get(role);
  }

  /**
   * @throws IllegalArgumentException if the argument is in no format that ints have
   */
  public IntArray ints(Role role) {
    if (!ints.containsKey(role)) {
      throw new IllegalArgumentException("ints are no " + role);
    }
    return ints.get(role);
  }

  /** Numbers from a source, in fp16 or else in fp32; as {@link ArraySource#floats}. */
  public Reals reals(
      ArraySource source, Role role, boolean half, String what, long size, List<Setting> settings) {
    return half
        ? new Reals(floats.get(role), source.halfs(what, size, settings), Reals.HALF)
        : new Reals(source.floats(what, size, settings), halfs.get(role), Reals.FLOAT);
  }

  /** For the device, which wants every array that a kernel is given. */
  public List<TornadoNativeArray> arrays() {
    List<TornadoNativeArray> all = new ArrayList<>(floats.values());
    all.addAll(halfs.values());
    all.addAll(ints.values());
    return all;
  }
}
