package org.resa4j.tokenizer.jinja;

import java.util.List;

/**
 * A tuple.
 *
 * @param group whether it is one of {@code groupby}, whose items have names too
 */
record Tuple(List<Object> items, boolean group) {
  Tuple(List<Object> items) {
    this(items, false);
  }
}
