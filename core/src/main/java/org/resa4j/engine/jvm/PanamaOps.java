package org.resa4j.engine.jvm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.resa4j.model.DType;

/**
 * The inner loops with the Vector API.
 *
 * <p>{@link PanamaRows} is defined once for each format of plain numbers, {@link PanamaBlocks} for
 * each quantised one, as a hidden class with the format as a constant: one source, and the compiler
 * sees code in which the format is not a question.
 */
final class PanamaOps implements VectorOps {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final IntVector COUNTING = IntVector.zero(I).addIndex(1);

  /** Lanes from which on processors have an instruction for compressing a vector. */
  private static final int COMPRESSED = 8;

  /** Values of which the n-th is found without vectors. */
  private static final int FEW = 64;

  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** exp of less is below the smallest normal number. */
  private static final float LOWEST = -87;

  /** exp of it is the largest that the polynomial gives; beyond, a sigmoid is 0 in any case. */
  private static final float HIGHEST = 88;

  private final Map<DType, MatrixOps> matrices = new EnumMap<>(DType.class);
  private final RowOps q8;
  private final ScalarOps scalar = new ScalarOps();

  PanamaOps() {
    RowOps wide = (RowOps) specialise(PanamaRows.class, List.of(DType.F32));
    for (DType type : DType.values()) {
      matrices.put(
          type,
          type.isQuantised()
              ? specialise(PanamaBlocks.class, type)
              : type == DType.F32 ? wide : specialise(PanamaRows.class, List.of(type, wide)));
    }
    q8 =
        BlockDots.FITS
            ? (RowOps) specialise(PanamaRows.class, List.of(DType.Q8_0, wide))
            : scalar.rows(DType.Q8_0);
  }

  private static MatrixOps specialise(Class<? extends MatrixOps> loops, Object classData) {
    String source = loops.getSimpleName() + ".class";
    try (InputStream code = PanamaOps.class.getResourceAsStream(source)) {
      return (MatrixOps)
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(code.readAllBytes(), classData, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("cannot define " + source + " for " + classData, e);
    }
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public RowOps rows(DType type) {
    if (type == DType.Q8_0) {
      return q8;
    }
    if (matrices.get(type) instanceof RowOps rows) {
      return rows;
    }
    throw new IllegalArgumentException(type + " is no format of a KV cache");
  }

  @Override
  public MatrixOps matrix(DType type) {
    return matrices.get(type);
  }

  @Override
  public float max(float[] x, int offset, int count) {
    int bound = F.loopBound(count);
    FloatVector lanes = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < bound; i += F.length()) {
      lanes = lanes.max(FloatVector.fromArray(F, x, offset + i));
    }
    float max = lanes.reduceLanes(VectorOperators.MAX);
    for (int i = bound; i < count; i++) {
      max = Math.max(max, x[offset + i]);
    }
    return max;
  }

  @Override
  public int atLeast(float[] x, int offset, int count, float floor, int[] at) {
    if (F.length() < COMPRESSED) {
      return scalar.atLeast(x, offset, count, floor, at);
    }
    int bound = F.loopBound(count);
    int found = 0;
    for (int i = 0; i < bound; i += F.length()) {
      VectorMask<Integer> high =
          FloatVector.fromArray(F, x, offset + i).compare(VectorOperators.GE, floor).cast(I);
      COUNTING.add(i).compress(high).intoArray(at, found);
      found += high.trueCount();
    }
    for (int i = bound; i < count; i++) {
      at[found] = i;
      found += x[offset + i] >= floor ? 1 : 0;
    }
    return found;
  }

  /** By quickselect: what is above the pivot is compressed in place, what is below beside it. */
  @Override
  public float nthHighest(float[] x, int count, int n, float[] spare) {
    float[] among = x;
    float[] others = spare;
    int left = count;
    int rank = n;
    while (F.length() >= COMPRESSED && left >= FEW) {
      float pivot =
          ScalarOps.medianOfThree(among[left / 4], among[left / 2], among[left / 4 + left / 2]);
      int above = 0;
      int below = 0;
      int bound = F.loopBound(left);
      for (int i = 0; i < bound; i += F.length()) {
        FloatVector values = FloatVector.fromArray(F, among, i);
        VectorMask<Float> high = values.compare(VectorOperators.GT, pivot);
        VectorMask<Float> low = values.compare(VectorOperators.LT, pivot);
        values.compress(high).intoArray(among, above);
        values.compress(low).intoArray(others, below);
        above += high.trueCount();
        below += low.trueCount();
      }
      for (int i = bound; i < left; i++) {
        float value = among[i];
        if (value > pivot) {
          among[above++] = value;
        } else if (value < pivot) {
          others[below++] = value;
        }
      }
      if (rank <= above) {
        left = above;
      } else if (rank > left - below) {
        rank -= left - below;
        left = below;
        float[] swapped = among;
        among = others;
        others = swapped;
      } else {
        return pivot;
      }
    }
    return scalar.nthHighest(among, left, rank, others);
  }

  @Override
  public float exponentials(float[] x, int offset, int count, float max) {
    int bound = F.loopBound(count);
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector e = exp(FloatVector.fromArray(F, x, offset + i).sub(max));
      e.intoArray(x, offset + i);
      sums = sums.add(e);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (int i = bound; i < count; i++) {
      float e = (float) Math.exp(x[offset + i] - max);
      x[offset + i] = e;
      sum += e;
    }
    return sum;
  }

  /**
   * exp of what is not above {@link #HIGHEST}, to about 1e-7: 2^n times a polynomial of the rest,
   * several times faster than the library's. What is below fp32's normal numbers is 0.
   */
  private static FloatVector exp(FloatVector x) {
    // Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.
    FloatVector rounded =
        x.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, 0x1.8p23f));
    FloatVector n = rounded.sub(0x1.8p23f);
    FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), x);
    r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
    FloatVector p = FloatVector.broadcast(F, 1f / 720);
    p = p.fma(r, FloatVector.broadcast(F, 1f / 120));
    p = p.fma(r, FloatVector.broadcast(F, 1f / 24));
    p = p.fma(r, FloatVector.broadcast(F, 1f / 6));
    p = p.fma(r, FloatVector.broadcast(F, 0.5f));
    p = p.fma(r, FloatVector.broadcast(F, 1));
    p = p.fma(r, FloatVector.broadcast(F, 1));
    return p.reinterpretAsInts()
        .add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats()
        .blend(0, x.compare(VectorOperators.LT, LOWEST));
  }

  @Override
  public void swiGlu(float[] gate, float[] up, int offset, int count) {
    int bound = F.loopBound(count);
    for (int i = offset; i < offset + bound; i += F.length()) {
      FloatVector g = FloatVector.fromArray(F, gate, i);
      // Not the library's: its lookup fails where the default locale has digits of its own.
      FloatVector divisor = exp(g.neg().min(HIGHEST)).add(1);
      g.div(divisor).mul(FloatVector.fromArray(F, up, i)).intoArray(gate, i);
    }
    for (int i = offset + bound; i < offset + count; i++) {
      gate[i] = gate[i] / (1 + (float) Math.exp(-gate[i])) * up[i];
    }
  }

  @Override
  public void softmaxColumns(
      float[] x, int rows, int columns, float[] max, float[] sum, float[] rescale) {
    if (columns % F.length() != 0) {
      throw new IllegalArgumentException(columns + " columns do not fill vectors of " + F.length());
    }
    for (int j = 0; j < columns; j += F.length()) {
      FloatVector before = FloatVector.fromArray(F, max, j);
      FloatVector highest = before;
      for (int at = j; at < rows * columns; at += columns) {
        highest = highest.max(FloatVector.fromArray(F, x, at));
      }
      FloatVector factor = exp(before.sub(highest));
      FloatVector added = FloatVector.zero(F);
      for (int at = j; at < rows * columns; at += columns) {
        FloatVector e = exp(FloatVector.fromArray(F, x, at).sub(highest));
        e.intoArray(x, at);
        added = added.add(e);
      }
      highest.intoArray(max, j);
      factor.intoArray(rescale, j);
      FloatVector.fromArray(F, sum, j).mul(factor).add(added).intoArray(sum, j);
    }
  }

  @Override
  public void scale(float[] y, int offset, int count, float scale) {
    int bound = F.loopBound(count);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector.fromArray(F, y, offset + i).mul(scale).intoArray(y, offset + i);
    }
    for (int i = bound; i < count; i++) {
      y[offset + i] *= scale;
    }
  }
}
