package org.resa4j.engine;

/**
 * Time spent since the engine was opened, by stage, in nanoseconds: device time where the device
 * reports it, wall time on the JVM. All 0 where the engine was not opened with {@code profile}.
 *
 * @param estimate scoring the blocks
 * @param select choosing the blocks
 * @param attend attention over the chosen blocks, split and combined
 * @param encode dense forward passes: prefill and rectification
 * @param rest all else of a step: projections, MLP, norms, logits
 */
public record StageTimes(long estimate, long select, long attend, long encode, long rest) {
  public static final StageTimes NONE = new StageTimes(0, 0, 0, 0, 0);
}
