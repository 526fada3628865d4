package org.resa4j.bench.options;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this machine that nobody uses, which bounds what a CPU device can hold. */
public final class HostSpace {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final String AVAILABLE = "MemAvailable:";

  private HostSpace() {}

  /** In bytes: what Linux calls available, elsewhere what is free. */
  public static long available() {
    try {
      if (Files.isReadable(MEMINFO)) {
        return Files.readAllLines(MEMINFO).stream()
            .filter(line -> line.startsWith(AVAILABLE))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .findFirst()
            .orElseGet(HostSpace::free);
      }
    } catch (IOException e) {
      // A container may hide the file; the JVM's own figure is then as good.
      return free();
    }
    return free();
  }

  private static long free() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getFreeMemorySize();
  }
}
