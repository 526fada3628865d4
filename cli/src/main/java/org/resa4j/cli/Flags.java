package org.resa4j.cli;

import org.resa4j.error.Setting;

/** The flags that set what an error points at. */
final class Flags {
  private Flags() {}

  static String of(Setting setting) {
    return switch (setting) {
      case MODEL -> "-m/--model";
      case ENGINE -> "--engine, and ./setup-tornado.sh, which adds tornado";
      case DEVICE -> "--device, and `resa devices`, which lists them";
      case CONTEXT_LENGTH -> "-c/--ctx-size";
      case SEQUENCES -> "-b/--batch";
      case ENCODE_TOKENS -> "-ub";
      case BLOCK_SIZE -> "--block-size";
      case KV_TYPE -> "--kv-type";
      case DEVICE_MEMORY -> "RESA_DEVICE_MEMORY, the launcher's";
    };
  }
}
