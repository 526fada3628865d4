package org.resa4j.tornado;

import org.resa4j.engine.Device;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** A device as the project and as TornadoVM know it. */
record OpenedDevice(Device device, TornadoDevice target) {}
