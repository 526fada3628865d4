package org.resa4j.tornado;

import java.util.List;
import java.util.stream.Collectors;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.tornado.cublas.CuBlasFamily;
import org.resa4j.tornado.group.GroupFamily;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.loop.LoopFamily;
import org.resa4j.tornado.mma.MmaFamily;

/** The kernel families, and which of them a device gets. */
final class KernelFamilies {
  /** Overrides the choice, for tests and comparisons: a family's name. */
  static final String PROPERTY = "resa.tornado.kernels";

  private static final KernelFamily LOOP = new LoopFamily();

  /**
   * For GPUs the first that runs there, of which there is one, as group kernels run on all; any
   * that runs there if it is asked for.
   */
  private static final List<KernelFamily> ALL =
      List.of(new CuBlasFamily(CuBlasCheck::works), new MmaFamily(), new GroupFamily(), LOOP);

  private KernelFamilies() {}

  /**
   * The family for a device.
   *
   * @throws DeviceException if the property names none, or one that does not run there
   */
  static KernelFamily of(Device device) {
    String name = System.getProperty(PROPERTY, "");
    if (name.isEmpty()) {
      return device.kind() == Device.Kind.GPU
          ? ALL.stream().filter(family -> family.runsOn(device)).findFirst().orElseThrow()
          : LOOP;
    }
    KernelFamily named =
        ALL.stream()
            .filter(family -> family.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new DeviceException(
                        "-D%s=%s: there are %s"
                            .formatted(
                                PROPERTY,
                                name,
                                ALL.stream()
                                    .map(KernelFamily::name)
                                    .collect(Collectors.joining(", ")))));
    if (!named.runsOn(device)) {
      throw new DeviceException(
          "-D%s=%s: not on %s (%s)".formatted(PROPERTY, name, device.id(), device.name()));
    }
    return named;
  }
}
