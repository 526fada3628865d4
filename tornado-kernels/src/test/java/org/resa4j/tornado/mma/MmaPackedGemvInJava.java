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

/** The kernels' methods on weights of every packing, by work-groups of threads. */
public final class MmaPackedGemvInJava {
  private static final int ITEMS = 128;
  private static final int WIDTH = 9;

  private final SplittableRandom random;
  private final Packing packing;
  private final int inputs;
  private final HalfFloatArray input;
  private final MmaFixed fixed;
  private final IntArray numbers;
  private final HalfFloatArray scales;
  private final double[] products = new double[2 * WIDTH];

  private MmaPackedGemvInJava(Packing packing, int inputs, long seed) {
    random = new SplittableRandom(seed);
    this.packing = packing;
    this.inputs = inputs;
    input = halfs(inputs, 1);
    fixed = fixed(packing, input);
    numbers = new IntArray(2 * WIDTH * packing.ints(inputs));
    scales = halfs(2 * WIDTH * packing.scales(inputs), 0.01);
    int least = packing.bits() == 8 ? -128 : -packing.offset();
    for (int i = 0; i < 2 * WIDTH * inputs; i++) {
      int number = random.nextInt(least, least + (1 << packing.bits()));
      int stored = number + packing.offset() & (1 << packing.bits()) - 1;
      int at = i / packing.numbersOfInt();
      int shift = Packing.shift(i % packing.numbersOfInt(), packing.bits());
      numbers.set(at, numbers.get(at) | stored << shift);
      int scale = i / packing.group() * (1 + packing.mins());
      double weight = number * (double) scales.get(scale).getFloat32();
      weight -= packing.mins() * (packing.mins() == 1 ? scales.get(scale + 1).getFloat32() : 0);
      products[i / inputs] += weight * input.get(i % inputs).getFloat32();
    }
  }

  private static MmaFixed fixed(Packing packing, HalfFloatArray input) {
    int inputs = input.getSize();
    MmaFixed fixed =
        new MmaFixed(new IntArray(inputs / 2), new FloatArray(inputs / MmaFixed.GROUP));
    for (int group = 0; group <= packing.ints(inputs) / ITEMS; group++) {
      JavaWorkGroup.run(
          ITEMS,
          group,
          context ->
              MmaFixed.convert(
                  context,
                  oneRow(),
                  0,
                  input,
                  fixed.bytes(),
                  fixed.units(),
                  inputs,
                  packing.bits()));
    }
    return fixed;
  }

  private HalfFloatArray halfs(int size, double largest) {
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
          new Packing(4, 32, 0),
          new Packing(4, 32, 1),
          new Packing(8, 32, 0),
          new Packing(8, 32, 1),
          new Packing(8, 16, 0),
          new Packing(8, 16, 1)
        }) {
      for (int inputs : new int[] {32, 544, 2304}) {
        MmaPackedGemvInJava each = new MmaPackedGemvInJava(packing, inputs, seed);
        each.productsAreRight(1);
        each.productsAreRight(4);
        each.gatesAreRight();
        each.whatIsNotFiniteIsNotPassedOver(Float.NaN);
        each.whatIsNotFiniteIsNotPassedOver(Float.NEGATIVE_INFINITY);
      }
    }
  }

  private static IntArray oneRow() {
    return IntArray.fromElements(1);
  }

  private void productsAreRight(int sharing) {
    FloatArray output = new FloatArray(2 * WIDTH);
    output.init(1);
    for (int group = 0; group <= 2 * WIDTH * sharing / 16; group++) {
      JavaWorkGroup.run(
          ITEMS,
          group,
          context ->
              MmaPackedGemv.multiply(
                  context,
                  oneRow(),
                  0,
                  fixed.bytes(),
                  fixed.units(),
                  numbers,
                  scales,
                  output,
                  1,
                  inputs,
                  2 * WIDTH,
                  sharing,
                  packing.bits(),
                  packing.group(),
                  packing.mins()));
    }
    for (int o = 0; o < 2 * WIDTH; o++) {
      assertThat((double) output.get(o))
          .as("%s, %d inputs, %d warps share, output %d", packing, inputs, sharing, o)
          .isCloseTo(1 + products[o], within(1e-5 * inputs));
    }
  }

  private void whatIsNotFiniteIsNotPassedOver(float value) {
    int at = random.nextInt(inputs);
    HalfFloatArray faulty = new HalfFloatArray(inputs);
    for (int i = 0; i < inputs; i++) {
      faulty.set(i, i == at ? new HalfFloat(value) : input.get(i));
    }
    FloatArray units = fixed(packing, faulty).units();
    for (int group = 0; group < units.getSize(); group++) {
      boolean finite = Float.isFinite(units.get(group));
      assertThat(finite).as("%f at %d, group %d", value, at, group).isEqualTo(group != at / 32);
    }
  }

  private void gatesAreRight() {
    HalfFloatArray gated = new HalfFloatArray(WIDTH);
    for (int group = 0; group <= WIDTH / 8; group++) {
      JavaWorkGroup.run(
          ITEMS,
          group,
          context ->
              MmaPackedGemv.gate(
                  context,
                  oneRow(),
                  0,
                  fixed.bytes(),
                  fixed.units(),
                  numbers,
                  scales,
                  gated,
                  inputs,
                  WIDTH,
                  packing.bits(),
                  packing.group(),
                  packing.mins()));
    }
    for (int o = 0; o < WIDTH; o++) {
      double expected = products[o] / (1 + Math.exp(-products[o])) * products[WIDTH + o];
      double size = 1 + Math.abs(products[o]) + Math.abs(products[WIDTH + o]);
      assertThat((double) gated.get(o).getFloat32())
          .as("%s, %d inputs, gate %d", packing, inputs, o)
          .isCloseTo(expected, within(1e-5 * inputs * size + 1e-3 * Math.abs(expected)));
    }
  }
}
