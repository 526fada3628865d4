package org.resa4j.reference;

/**
 * Vectors of one head in double precision: keys or values by token, bounds by block.
 *
 * @see ReferenceAttention
 */
@FunctionalInterface
public interface Vectors {
  /**
   * One element.
   *
   * @param index the token, or the block
   * @param j which of the d elements
   */
  double at(int index, int j);

  /**
   * Rows of an array.
   *
   * @param rows {@code [token][d]}
   */
  static Vectors of(double[][] rows) {
    return (index, j) -> rows[index][j];
  }
}
