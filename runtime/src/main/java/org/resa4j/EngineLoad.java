package org.resa4j;

/**
 * How busy a {@link Resa} is, as of the last step.
 *
 * @param waiting texts that wait for their turn
 * @param running texts being written or their prompts read
 * @param pages pages of the KV cache
 * @param heldPages pages that the running texts hold
 * @param usedPages pages that hold something, for a text or for prompts that begin alike
 */
public record EngineLoad(int waiting, int running, int pages, int heldPages, int usedPages) {}
