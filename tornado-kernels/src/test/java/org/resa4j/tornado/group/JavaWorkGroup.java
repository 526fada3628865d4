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

/**
 * Runs a kernel's method as plain Java: a thread for each work-item of a work-group, which share
 * local memory and wait for each other at barriers.
 */
public final class JavaWorkGroup {
  private static final int WARP = 32;

  private final CyclicBarrier barrier;

  /** Local arrays, in the order in which every item asks for them. */
  private final List<Object> local = new ArrayList<>();

  /** What each item adds to its warp's sum. */
  private final float[] summands;

  private JavaWorkGroup(int items) {
    barrier = new CyclicBarrier(items);
    summands = new float[items];
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
