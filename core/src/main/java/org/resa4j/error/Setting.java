package org.resa4j.error;

/** What a caller sets, as far as errors point at it; a command line adds its own flag to each. */
public enum Setting {
  /** The model's directory. */
  MODEL,
  /** How its weights are brought into memory. */
  WEIGHT_ACCESS,
  /** The format that its weights are quantised to. */
  WEIGHTS,
  /** The engine, by name. */
  ENGINE,
  /** The device, by id. */
  DEVICE,
  /** Tokens that a sequence can hold. */
  CONTEXT_LENGTH,
  /** Sequences held at once. */
  SEQUENCES,
  /** Memory for the KV cache. */
  CACHE_MEMORY,
  /** Tokens that one encode call takes. */
  ENCODE_TOKENS,
  /** Share of the blocks that a rectified token selects. */
  RECTIFY_KEEP,
  /** Tokens in a block of attention. */
  BLOCK_SIZE,
  /** Format of the KV cache. */
  KV_TYPE,
  /** Worker threads of a CPU engine. */
  THREADS,
  /** What an engine may take of a device's memory. */
  DEVICE_MEMORY
}
