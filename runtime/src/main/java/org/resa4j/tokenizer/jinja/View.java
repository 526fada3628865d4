package org.resa4j.tokenizer.jinja;

import java.util.List;

/**
 * What a dict's {@code keys}, {@code values} or {@code items} gives.
 *
 * @param kind as Python prints it
 */
record View(String kind, List<Object> items) {}
