package org.resa4j.tornado.group;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * Runs a kernel's method as plain Java: a thread for each work-item of a work-group, which share
 * local memory and wait for each other at barriers.
 */
public final class JavaWorkGroup {
  private static final int WARP = 32;

  /** Floats of an array's header. */
  private static final int HEADER = 4;

  private final CyclicBarrier barrier;

  /** Local arrays, in the order in which every item asks for them. */
  private final List<Object> local = new ArrayList<>();

  /** What each item adds to its warp's sum. */
  private final float[] summands;

  /** What each item brings to a product of its warp: a byte offset, a fragment. */
  private final int[] offsets;

  private final HalfFloat[][] left;
  private final HalfFloat[][] right;

  private JavaWorkGroup(int items) {
    barrier = new CyclicBarrier(items);
    summands = new float[items];
    offsets = new int[items];
    left = new HalfFloat[items][];
    right = new HalfFloat[items][];
  }

  /** Runs the first group of a grid. */
  static void run(int items, Consumer<KernelContext> kernel) {
    run(items, 0, kernel);
  }

  /** Runs a group of a grid. */
  public static void run(int items, int groupIdx, Consumer<KernelContext> kernel) {
    JavaWorkGroup group = new JavaWorkGroup(items);
    AtomicReference<Throwable> fault = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int item = 0; item < items; item++) {
      KernelContext context = group.new Item(item, groupIdx);
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      kernel.accept(context);
                    } catch (RuntimeException | Error e) {
                      fault.compareAndSet(null, e);
                      group.barrier.reset();
                    }
                  }));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (fault.get() != null) {
      throw new IllegalStateException("a work-item failed", fault.get());
    }
  }

  private final class Item extends KernelContext {
    private int arrays;

    Item(int item, int groupIdx) {
      set("localIdx", item);
      set("groupIdx", groupIdx);
    }

    /** TornadoVM's constant zero. */
    private void set(String name, int value) {
      try {
        Field index = KernelContext.class.getField(name);
        index.setAccessible(true);
        index.set(this, value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Of a warp; all of the group's ask for it at once. */
    @Override
    public float simdSum(float value) {
      summands[localIdx] = value;
      localBarrier();
      float sum = 0;
      int first = localIdx / WARP * WARP;
      for (int i = first; i < first + WARP; i++) {
        sum += summands[i];
      }
      localBarrier();
      return sum;
    }

    /**
     * Four matrices of 8 x 8 halves, whose rows' addresses the lanes bring. TornadoVM adds a lane's
     * place in a tile of 16 rows of 32 bytes.
     */
    @Override
    public HalfFloat[] mmaLoadA(int[] tile, int width, int byteOffset) {
      int lane = localIdx % WARP;
      int place = (lane / 8 % 2 * 8 + lane % 8) * 2 * width + lane / 16 * 16;
      offsets[localIdx] = byteOffset + place;
      localBarrier();
      HalfFloat[] fragment = new HalfFloat[8];
      for (int matrix = 0; matrix < 4; matrix++) {
        int row = offsets[localIdx - lane + 8 * matrix + lane / 4];
        if (row % 16 != 0) {
          throw new IllegalStateException("a row at byte " + row);
        }
        int pair = tile[row / 4 + lane % 4];
        fragment[2 * matrix] = half(pair);
        fragment[2 * matrix + 1] = half(pair >>> 16);
      }
      localBarrier();
      return fragment;
    }

    private static HalfFloat half(int bits) {
      return new HalfFloat((short) bits);
    }

    /** {@code m16n8k16}: the fragments lie as PTX has them. */
    @Override
    public float[] mma(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
      left[localIdx] = a;
      right[localIdx] = b;
      localBarrier();
      int warp = localIdx / WARP * WARP;
      int lane = localIdx % WARP;
      float[] d = c.clone();
      for (int i = 0; i < 4; i++) {
        int lower = i / 2;
        int column = lane % 4 * 2 + i % 2;
        for (int k = 0; k < 16; k++) {
          int of = k % 8 / 2;
          HalfFloat x = left[warp + lane / 4 * 4 + of][k / 8 * 4 + lower * 2 + k % 2];
          HalfFloat y = right[warp + column * 4 + of][k / 8 * 2 + k % 2];
          d[i] += x.getFloat32() * y.getFloat32();
        }
      }
      localBarrier();
      return d;
    }

    /** On a device private memory has no header, and TornadoVM skips one. */
    @Override
    public void mmaStore(float[] d, FloatArray to, int row, int column, int width) {
      int lane = localIdx % WARP;
      for (int i = 0; i < 4; i++) {
        int at = (row + lane / 4 + i / 2 * 8) * width + column + lane % 4 * 2 + i % 2;
        to.set(HEADER + at, d[i]);
      }
    }

    @Override
    public void asyncCopyToLocal(int[] tile, int to, HalfFloatArray from, int index) {
      int low = from.get(index).getHalfFloatValue() & 0xFFFF;
      tile[to] = low | from.get(index + 1).getHalfFloatValue() << 16;
    }

    @Override
    public void localBarrier() {
      try {
        barrier.await(30, TimeUnit.SECONDS);
      } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public int[] allocateIntLocalArray(int size) {
      return (int[]) shared(new int[size]);
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
      return (float[]) shared(new float[size]);
    }

    private Object shared(Object array) {
      synchronized (local) {
        if (arrays == local.size()) {
          local.add(array);
        }
        return local.get(arrays++);
      }
    }
  }
}
