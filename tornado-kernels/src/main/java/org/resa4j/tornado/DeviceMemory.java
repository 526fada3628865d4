package org.resa4j.tornado;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.Setting;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.HostMemory;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Adds up what will be put on a device and refuses what does not fit, before anything is allocated:
 * arrays are indexed by int, devices bound a single buffer, and TornadoVM caps their sum. As a
 * source it gives arrays of one element.
 */
final class DeviceMemory implements ArraySource {
  /** TornadoVM's cap on its buffers on a device. */
  static final String CAP = "tornado.device.memory";

  private static final String DEFAULT_CAP = "4GB";

  private final Device device;
  private final long cap;
  private final Map<String, Long> parts = new LinkedHashMap<>();
  private final Map<String, Long> payloads = new HashMap<>();
  private long total;

  DeviceMemory(Device device) {
    this.device = device;
    cap = parse(System.getProperty(CAP, DEFAULT_CAP));
  }

  @Override
  public FloatArray floats(String what, long size, List<Setting> settings) {
    add(what, size, Float.BYTES, settings);
    return HostMemory.floats(1);
  }

  @Override
  public HalfFloatArray halfs(String what, long size, List<Setting> settings) {
    add(what, size, Short.BYTES, settings);
    return HostMemory.halfs(1);
  }

  @Override
  public IntArray ints(String what, long size, List<Setting> settings) {
    add(what, size, Integer.BYTES, settings);
    return HostMemory.ints(1);
  }

  /**
   * Counts an array.
   *
   * @param what for messages
   * @param values elements
   * @param valueBytes bytes of an element
   * @param settings what the user can change
   * @throws DeviceMemoryException if it is too large for its index or for the device
   */
  void add(String what, long values, int valueBytes, List<Setting> settings) {
    long payload;
    long bytes;
    try {
      payload = Math.multiplyExact(values, (long) valueBytes);
      bytes = Math.addExact(payload, TornadoNativeArray.ARRAY_HEADER);
      total = Math.addExact(total, bytes);
    } catch (ArithmeticException e) {
      throw new DeviceMemoryException(
          "%s: an array of %d values is too large for any device".formatted(what, values),
          Long.MAX_VALUE,
          device.memoryBytes(),
          settings);
    }
    if (values > Integer.MAX_VALUE) {
      throw new DeviceMemoryException(
          "%s: one array would hold %d values (%s), at most %d are possible"
              .formatted(what, values, size(bytes), Integer.MAX_VALUE),
          bytes,
          (long) valueBytes * Integer.MAX_VALUE,
          settings);
    }
    // TornadoVM wants less than the device's limit, not as much.
    if (bytes >= device.maxAllocationBytes()) {
      throw new DeviceMemoryException(
          "%s: one array takes %s (%d bytes with its header), %s (%s) allows less than %s (%d bytes)"
              .formatted(
                  what,
                  size(bytes),
                  bytes,
                  device.id(),
                  device.name(),
                  size(device.maxAllocationBytes()),
                  device.maxAllocationBytes()),
          bytes,
          device.maxAllocationBytes(),
          settings);
    }
    parts.merge(what, bytes, Long::sum);
    payloads.merge(what, payload, Long::sum);
  }

  /** Bytes of what was counted by a name, without the headers that TornadoVM puts before arrays. */
  long bytes(String what) {
    return payloads.getOrDefault(what, 0L);
  }

  /**
   * @throws DeviceMemoryException if all together exceed the device's memory or TornadoVM's cap
   */
  void check() {
    if (total > device.memoryBytes()) {
      throw new DeviceMemoryException(
          "%s needed (%s), %s (%s) has %s"
              .formatted(
                  size(total), listed(), device.id(), device.name(), size(device.memoryBytes())),
          total,
          device.memoryBytes(),
          List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES, Setting.KV_TYPE, Setting.MODEL));
    }
    if (total > cap) {
      throw new DeviceMemoryException(
          "%s needed (%s), TornadoVM may take %s, by -D%s"
              .formatted(size(total), listed(), size(cap), CAP),
          total,
          cap,
          List.of(Setting.DEVICE_MEMORY, Setting.CONTEXT_LENGTH));
    }
  }

  private String listed() {
    return parts.entrySet().stream()
        .map(part -> part.getKey() + " " + size(part.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** TornadoVM's notation: bytes, or a number with B, KB, MB, GB, TB, powers of 1024. */
  static long parse(String text) {
    String number = text.toUpperCase(Locale.ROOT);
    if (number.endsWith("B")) {
      number = number.substring(0, number.length() - 1);
    }
    int power = number.isEmpty() ? -1 : "KMGT".indexOf(number.charAt(number.length() - 1));
    if (power >= 0) {
      number = number.substring(0, number.length() - 1);
    }
    try {
      return Math.multiplyExact(Long.parseLong(number), 1L << 10 * (power + 1));
    } catch (NumberFormatException | ArithmeticException e) {
      throw new DeviceException(
          "-D%s=%s is no size: give one such as 16GB".formatted(CAP, text), e);
    }
  }

  static String size(long bytes) {
    if (bytes >= 1L << 30) {
      return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
    }
    return String.format(Locale.ROOT, "%.2f MiB", bytes / (double) (1L << 20));
  }
}
