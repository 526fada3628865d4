package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.util.ForLoop;
import java.util.List;

/** Jinja2's {@code loop}: Jinjava's, with the neighbouring items. */
final class Loop extends ForLoop {
  private final List<?> items;

  Loop(List<?> items) {
    super(items.iterator(), items.size());
    this.items = items;
  }

  /** The item before the current one, null for none. */
  Object previous() {
    return getIndex0() > 0 ? items.get(getIndex0() - 1) : null;
  }

  /** The item after the current one, null for none. */
  Object following() {
    return getIndex0() + 1 < items.size() ? items.get(getIndex0() + 1) : null;
  }
}
