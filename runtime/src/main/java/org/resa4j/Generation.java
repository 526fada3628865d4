package org.resa4j;

import org.resa4j.generate.FinishReason;

/**
 * A written text.
 *
 * @param text the text, without stop strings and special tokens
 * @param tokens its tokens, an end-of-text token included
 * @param finish why it ended
 */
public record Generation(String text, int[] tokens, FinishReason finish) {}
