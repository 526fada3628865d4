package org.resa4j.bench.report;

/** Names of the rows of the attention benchmark. */
public final class AttentionStage {
  /** Dense attention of one token for each sequence, append included. */
  public static final String DENSE_STEP = "dense step";

  /** Scoring the blocks. */
  public static final String ESTIMATE = "estimate";

  /** Choosing the blocks. */
  public static final String SELECT = "select";

  /** Attention over the chosen blocks, split and combined. */
  public static final String ATTEND = "attend";

  /** Append, estimate, select and attend of one token for each sequence. */
  public static final String SPARSE_STEP = "sparse step";

  /** What rectification costs a step: every sequence's last f tokens, divided by f. */
  public static final String RECTIFY = "rectify/f";

  /** {@link #SPARSE_STEP} and {@link #RECTIFY}. */
  public static final String RESA_STEP = "ReSA step";

  private AttentionStage() {}
}
