package org.resa4j.tornado;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.Setting;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Adds up what will be put on a device and refuses what does not fit, before anything is allocated:
 * arrays are indexed by int, devices bound a single buffer, and TornadoVM caps their sum.
 */
final class DeviceMemory {
  /** TornadoVM's cap on its buffers on a device. */
  static final String CAP = "tornado.device.memory";

  private static final String DEFAULT_CAP = "4GB";

  private final Device device;
  private final long cap;
  private final Map<String, Long> parts = new LinkedHashMap<>();
  private long total;

  DeviceMemory(Device device) {
    this.device = device;
    cap = parse(System.getProperty(CAP, DEFAULT_CAP));
  }

  /**
   * Counts {@code copies} arrays.
   *
   * @param what for messages
   * @param values elements of one array
   * @param valueBytes bytes of an element
   * @param perElement elements that the array's type holds in one index
   * @param settings what the user can change
   * @return the bytes of all copies' values, without the headers that TornadoVM puts before them
   * @throws DeviceMemoryException if one array is too large for its index or for the device
   */
  long add(
      String what,
      long copies,
      long values,
      int valueBytes,
      int perElement,
      List<Setting> settings) {
    long payload;
    long bytes;
    try {
      payload = Math.multiplyExact(values, (long) valueBytes);
      bytes = Math.addExact(payload, TornadoNativeArray.ARRAY_HEADER);
      total = Math.addExact(total, Math.multiplyExact(bytes, copies));
    } catch (ArithmeticException e) {
      throw new DeviceMemoryException(
          "%s: %d arrays of %d values are too large for any device".formatted(what, copies, values),
          Long.MAX_VALUE,
          device.memoryBytes(),
          settings);
    }
    if (values / perElement > Integer.MAX_VALUE) {
      throw new DeviceMemoryException(
          "%s: one array would hold %d values (%s), at most %d are possible"
              .formatted(what, values, size(bytes), (long) Integer.MAX_VALUE * perElement),
          bytes,
          (long) valueBytes * perElement * Integer.MAX_VALUE,
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
    parts.merge(what, bytes * copies, Long::sum);
    return payload * copies;
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
