package org.resa4j.tornado.array;

import java.util.List;
import org.resa4j.error.Setting;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Where device arrays come from. Whatever an engine puts on a device it asks for here, and it asks
 * twice by the same code: first a source that only counts, then, if all fits, {@link #ALLOCATED}.
 * So the plan of the memory cannot be another than what is taken.
 */
public interface ArraySource {
  /** Arrays of zeros in the host's memory; sizes have been counted before. */
  ArraySource ALLOCATED =
      new ArraySource() {
        @Override
        public FloatArray floats(String what, long size, List<Setting> settings) {
          return HostMemory.floats(Math.toIntExact(size));
        }

        @Override
        public HalfFloatArray halfs(String what, long size, List<Setting> settings) {
          return HostMemory.halfs(Math.toIntExact(size));
        }

        @Override
        public IntArray ints(String what, long size, List<Setting> settings) {
          return HostMemory.ints(Math.toIntExact(size));
        }
      };

  /**
   * An array of fp32.
   *
   * @param what for messages; arrays of one name are counted together
   * @param size elements
   * @param settings what the user can change where there is no room
   * @throws org.resa4j.error.DeviceMemoryException if the array alone is too large for the device
   */
  FloatArray floats(String what, long size, List<Setting> settings);

  /** The same of fp16. */
  HalfFloatArray halfs(String what, long size, List<Setting> settings);

  /** The same of ints. */
  IntArray ints(String what, long size, List<Setting> settings);
}
