package org.resa4j.tornado.cublas;

import java.util.Arrays;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * Matrix products by cuBLAS: fp16 weights and input, sums in fp32. It computes all rows, also those
 * that are not active.
 *
 * <p>TornadoVM's own description of the call is in a module that SDKs without CUDA do not have;
 * this one needs its API alone.
 */
public final class CuBlasLinear {
  private static final String LIBRARY = "nvidia/cublas";
  private static final String FUNCTION = "cublasGemmExFP16FP32";

  /** cuBLAS's operations on a matrix in its order, columns first. */
  private static final int AS_IT_IS = 0;

  private static final int TRANSPOSED = 1;

  /** Where its arguments have the output. */
  private static final int OUTPUT = 11;

  private CuBlasLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    graph.addLibrary(
        stage,
        product(
            weights.values().halfs(),
            weights.outputs(),
            weights.inputs(),
            input.halfs(),
            rows.most(),
            output,
            add));
  }

  /**
   * {@code output[row] = weights · input[row]}, added to what is there if {@code add}.
   *
   * @param weights {@code [outputs][inputs]}
   * @param input {@code [rows][inputs]}
   * @param output {@code [rows][outputs]}
   */
  public static LibraryTaskDescriptor product(
      HalfFloatArray weights,
      int outputs,
      int inputs,
      HalfFloatArray input,
      int rows,
      FloatArray output,
      boolean add) {
    Object[] arguments = {
      TRANSPOSED,
      AS_IT_IS,
      outputs,
      rows,
      inputs,
      1f,
      weights,
      inputs,
      input,
      inputs,
      add ? 1f : 0f,
      output,
      outputs
    };
    Access[] access = new Access[arguments.length];
    Arrays.fill(access, Access.READ_ONLY);
    access[OUTPUT] = add ? Access.READ_WRITE : Access.WRITE_ONLY;
    return new LibraryTaskDescriptor()
        .withLibrary(LIBRARY)
        .withFunction(FUNCTION)
        .withParameters(arguments)
        .withAccess(access);
  }
}
