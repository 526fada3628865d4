package org.resa4j.tornado.mma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.resa4j.tornado.group.JavaWorkGroup;
import org.resa4j.tornado.layer.Packing;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernel's method on weights of every packing, by work-groups of threads. */
public final class MmaPackedLinearInJava {
  private static final int ITEMS = 128;
  private static final int OUTPUTS = 70;

  private final Packing packing;
  private final int inputs;
  private final int rows;
  private final HalfFloatArray input;
  private final IntArray numbers;
  private final HalfFloatArray scales;
  private final double[] products;

  private MmaPackedLinearInJava(Packing packing, int inputs, int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    this.packing = packing;
    this.inputs = inputs;
    this.rows = rows;
    input = halfs(random, rows * inputs, 1);
    numbers = new IntArray(OUTPUTS * packing.ints(inputs));
    scales = halfs(random, OUTPUTS * packing.scales(inputs), 0.01);
    products = new double[rows * OUTPUTS];
    int least = packing.bits() == 8 ? -128 : -packing.offset();
    for (int i = 0; i < OUTPUTS * inputs; i++) {
      int number = random.nextInt(least, least + (1 << packing.bits()));
      int stored = number + packing.offset() & (1 << packing.bits()) - 1;
      int at = i / packing.numbersOfInt();
      int shift = Packing.shift(i % packing.numbersOfInt(), packing.bits());
      numbers.set(at, numbers.get(at) | stored << shift);
      int scale = i / packing.group() * (1 + packing.mins());
      double weight = number * (double) scales.get(scale).getFloat32();
      weight -= packing.mins() == 1 ? scales.get(scale + 1).getFloat32() : 0;
      for (int row = 0; row < rows; row++) {
        products[row * OUTPUTS + i / inputs] +=
            weight * input.get(row * inputs + i % inputs).getFloat32();
      }
    }
  }

  private static HalfFloatArray halfs(SplittableRandom random, int size, double largest) {
    HalfFloatArray array = new HalfFloatArray(size);
    for (int i = 0; i < size; i++) {
      array.set(i, new HalfFloat((float) (largest * (2 * random.nextDouble() - 1))));
    }
    return array;
  }

  public static void main(String[] none) {
    long seed = new SplittableRandom().nextLong() >>> 1;
    System.out.println("seed " + seed);
    for (Packing packing :
        new Packing[] {
          new Packing(4, 32, 0), new Packing(4, 32, 1), new Packing(8, 32, 0), new Packing(8, 32, 1)
        }) {
      new MmaPackedLinearInJava(packing, 32, 1, seed).productsAreRight(1, 1);
      new MmaPackedLinearInJava(packing, 288, 8, seed).productsAreRight(8, 1);
      new MmaPackedLinearInJava(packing, 800, 7, seed).productsAreRight(5, 2);
    }
  }

  private void productsAreRight(int active, int splits) {
    FloatArray output = new FloatArray(rows * OUTPUTS);
    output.init(1);
    FloatArray sums = new FloatArray(splits * rows * OUTPUTS);
    for (int group = 0; group < Math.ceilDiv(OUTPUTS, 64) * splits; group++) {
      JavaWorkGroup.run(
          ITEMS,
          group,
          context ->
              MmaPackedLinear.multiply(
                  context,
                  IntArray.fromElements(active),
                  0,
                  input,
                  numbers,
                  scales,
                  output,
                  sums,
                  1,
                  inputs,
                  OUTPUTS,
                  rows,
                  splits,
                  packing.bits(),
                  packing.mins()));
    }
    for (int i = 0; i < rows * OUTPUTS; i++) {
      double actual = output.get(i);
      for (int split = 0; splits > 1 && split < splits; split++) {
        actual += sums.get(split * rows * OUTPUTS + i);
      }
      double expected = i / OUTPUTS < active ? 1 + products[i] : 1;
      assertThat(actual)
          .as("%s, %d inputs, row %d, output %d", packing, inputs, i / OUTPUTS, i % OUTPUTS)
          .isCloseTo(expected, within(1e-5 * inputs));
    }
  }
}
