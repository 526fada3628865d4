package org.resa4j.tornado.graph;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * Keeps the host from waiting for each task of an OpenCL device.
 *
 * <p>Before a task TornadoVM writes its three global work sizes to the device, those of all tasks
 * to one buffer, and waits for that write, which comes after the task before. Here every triple of
 * sizes has a buffer of its own that is written once.
 *
 * <p>Of TornadoVM 5.2.0's insides, like {@link SharedIds}: what holds a plan's sizes is replaced by
 * a subclass of it, which is made at run time as the project is not compiled against that package.
 */
public final class WorkSizes {
  private static final String PACKAGE = "uk.ac.manchester.tornado.drivers.opencl.mm";
  private static final ClassDesc FRAME = ClassDesc.of(PACKAGE, "OCLKernelStackFrame");
  private static final ClassDesc KEPT = ClassDesc.of(PACKAGE, "KeptStackFrame");
  private static final ClassDesc CONTEXT =
      ClassDesc.of("uk.ac.manchester.tornado.drivers.opencl", "OCLDeviceContext");
  private static final ClassDesc LONGS = LongSupplier.class.describeConstable().orElseThrow();
  private static final ClassDesc BOOLEANS = BooleanSupplier.class.describeConstable().orElseThrow();
  private static final ClassDesc ACTION = Runnable.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc ENQUEUE =
      MethodTypeDesc.of(CD_int, CD_long, CD_int.arrayType());

  /** OpenCL's CL_MEM_READ_ONLY. */
  private static final long READ_ONLY = 1 << 2;

  private static final int SIZES = 3;

  /** Made for the first device, as all have the same classes. */
  private static Constructor<?> kept;

  private WorkSizes() {}

  /**
   * Readies a plan that has not run yet.
   *
   * @param device an OpenCL device
   * @param plan the plan's id
   * @return false if the JVM does not let it be done: the host then waits for each task
   * @throws IllegalStateException if TornadoVM's insides are others
   */
  public static boolean keep(TornadoDevice device, long plan) {
    if (!Insides.canOpen()) {
      return false;
    }
    try {
      Object context = Insides.call(device, "getDeviceContext");
      Object memory = Insides.call(context, "getMemoryManager");
      @SuppressWarnings("unchecked")
      Map<Long, Object> frames = (Map<Long, Object>) Insides.field(memory, "oclKernelStackFrame");
      Buffers buffers = new Buffers(memory);
      Object frame =
          constructor(memory.getClass())
              .newInstance(
                  context,
                  (LongSupplier) buffers::current,
                  (BooleanSupplier) buffers::writtenBefore,
                  (Runnable) buffers::releaseOthers);
      buffers.sizes = (ByteBuffer) Insides.call(frame, "buffer");
      frames.put(plan, frame);
      return true;
    } catch (ReflectiveOperationException e) {
      throw Insides.changed(e);
    }
  }

  private static synchronized Constructor<?> constructor(Class<?> neighbour)
      throws ReflectiveOperationException {
    if (kept == null) {
      MethodHandles.Lookup inside =
          MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup());
      kept = inside.defineClass(classFile()).getConstructors()[0];
    }
    return kept;
  }

  /**
   * In Java:
   *
   * <pre>{@code
   * public class KeptStackFrame extends OCLKernelStackFrame {
   *   private final LongSupplier buffer;
   *   private final BooleanSupplier written;
   *   private final Runnable release;
   *   private int event; // of the last write, for TornadoVM's profiler
   *
   *   public KeptStackFrame(OCLDeviceContext context, LongSupplier buffer, BooleanSupplier written, Runnable release) {
   *     super(0, 0, context);
   *     ...
   *   }
   *
   *   public long toBuffer() { return buffer.getAsLong(); }
   *
   *   public int enqueueWrite(long plan, int[] events) {
   *     if (!written.getAsBoolean()) {
   *       event = super.enqueueWrite(plan, events);
   *     }
   *     return event;
   *   }
   *
   *   public void invalidate() {
   *     release.run();
   *     super.invalidate(); // releases toBuffer()
   *   }
   * }
   * }</pre>
   */
  private static byte[] classFile() {
    return ClassFile.of()
        .build(
            KEPT,
            type -> {
              type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER).withSuperclass(FRAME);
              int field = ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL;
              type.withField("buffer", LONGS, field);
              type.withField("written", BOOLEANS, field);
              type.withField("release", ACTION, field);
              type.withField("event", CD_int, ClassFile.ACC_PRIVATE);
              type.withMethodBody(
                  INIT_NAME,
                  MethodTypeDesc.of(CD_void, CONTEXT, LONGS, BOOLEANS, ACTION),
                  ClassFile.ACC_PUBLIC,
                  WorkSizes::constructor);
              type.withMethodBody(
                  "toBuffer",
                  MethodTypeDesc.of(CD_long),
                  ClassFile.ACC_PUBLIC,
                  code ->
                      code.aload(0)
                          .getfield(KEPT, "buffer", LONGS)
                          .invokeinterface(LONGS, "getAsLong", MethodTypeDesc.of(CD_long))
                          .lreturn());
              type.withMethodBody(
                  "enqueueWrite",
                  ENQUEUE,
                  ClassFile.ACC_PUBLIC,
                  code ->
                      code.aload(0)
                          .getfield(KEPT, "written", BOOLEANS)
                          .invokeinterface(BOOLEANS, "getAsBoolean", MethodTypeDesc.of(CD_boolean))
                          .ifThen(
                              Opcode.IFEQ,
                              write ->
                                  write
                                      .aload(0)
                                      .aload(0)
                                      .lload(1)
                                      .aload(3)
                                      .invokespecial(FRAME, "enqueueWrite", ENQUEUE)
                                      .putfield(KEPT, "event", CD_int))
                          .aload(0)
                          .getfield(KEPT, "event", CD_int)
                          .ireturn());
              type.withMethodBody(
                  "invalidate",
                  MethodTypeDesc.of(CD_void),
                  ClassFile.ACC_PUBLIC,
                  code ->
                      code.aload(0)
                          .getfield(KEPT, "release", ACTION)
                          .invokeinterface(ACTION, "run", MethodTypeDesc.of(CD_void))
                          .aload(0)
                          .invokespecial(FRAME, "invalidate", MethodTypeDesc.of(CD_void))
                          .return_());
            });
  }

  private static void constructor(CodeBuilder code) {
    code.aload(0)
        .lconst_0()
        .iconst_0()
        .aload(1)
        .invokespecial(FRAME, INIT_NAME, MethodTypeDesc.of(CD_void, CD_long, CD_int, CONTEXT));
    code.aload(0).aload(2).putfield(KEPT, "buffer", LONGS);
    code.aload(0).aload(3).putfield(KEPT, "written", BOOLEANS);
    code.aload(0).aload(4).putfield(KEPT, "release", ACTION).return_();
  }

  /** Of one plan, which one thread runs at a time. */
  private static final class Buffers {
    private final Object memory;
    private final Method create;
    private final Method release;
    private final List<Kept> all = new ArrayList<>();
    private ByteBuffer sizes;
    private Kept current;

    /** A triple of sizes and its buffer on the device. */
    private static final class Kept {
      private final long[] sizes = new long[SIZES];
      private long buffer;
      private boolean written;
    }

    Buffers(Object memory) throws ReflectiveOperationException {
      this.memory = memory;
      create = memory.getClass().getMethod("createBuffer", long.class, long.class);
      release = memory.getClass().getMethod("releaseBuffer", long.class);
    }

    /** The buffer of the sizes that the frame has now. */
    long current() {
      if (current == null || !holds(current)) {
        current = all.stream().filter(this::holds).findFirst().orElseGet(this::add);
      }
      return current.buffer;
    }

    /** Whether that buffer was written; it is after this. */
    boolean writtenBefore() {
      current();
      boolean before = current.written;
      current.written = true;
      return before;
    }

    void releaseOthers() {
      long last = current();
      try {
        for (Kept kept : all) {
          if (kept.buffer != last) {
            release.invoke(memory, kept.buffer);
          }
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
      all.clear();
    }

    private boolean holds(Kept kept) {
      for (int i = 0; i < SIZES; i++) {
        if (kept.sizes[i] != sizes.getLong(i * Long.BYTES)) {
          return false;
        }
      }
      return true;
    }

    private Kept add() {
      Kept added = new Kept();
      for (int i = 0; i < SIZES; i++) {
        added.sizes[i] = sizes.getLong(i * Long.BYTES);
      }
      try {
        Object made = create.invoke(memory, (long) SIZES * Long.BYTES, READ_ONLY);
        added.buffer = (long) Insides.call(made, "getBuffer");
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
      all.add(added);
      return added;
    }
  }
}
