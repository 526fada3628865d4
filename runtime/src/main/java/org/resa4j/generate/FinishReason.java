package org.resa4j.generate;

/** Why a text ended. */
public enum FinishReason {
  /** The model wrote an end-of-text token. */
  END_OF_TEXT,
  /** A stop string, or a stop token that the caller named, came up. */
  STOP_STRING,
  /** The largest number of tokens was reached. */
  MAX_TOKENS,
  /** The context is full. */
  CONTEXT_FULL,
  /** Its time was up. */
  TIME_UP,
  /** It was cancelled. */
  CANCELLED
}
