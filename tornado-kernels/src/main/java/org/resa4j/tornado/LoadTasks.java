package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.SharedIds;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The graph that puts shared arrays on the device. TornadoVM allocates only what a task works on,
 * so its tasks look at each array once.
 */
final class LoadTasks {
  /** Arrays that one task looks at. */
  private static final int WIDTH = 8;

  private LoadTasks() {}

  static ImmutableTaskGraph complete(
      TaskGraph graph,
      KernelGraph tasks,
      List<TornadoNativeArray> shared,
      IntArray token,
      boolean fp16) {
    List<Object> all = new ArrayList<>(shared);
    all.add(token);
    graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, all.toArray());
    look(tasks, shared, token, fp16);
    tasks.end();
    graph.persistOnDevice(all.toArray());
    return graph.snapshot();
  }

  /** Adds the tasks alone. */
  static void look(
      KernelGraph tasks, List<TornadoNativeArray> shared, IntArray token, boolean fp16) {
    List<FloatArray> floats = new ArrayList<>();
    List<IntArray> ints = new ArrayList<>();
    List<HalfFloatArray> halfs = new ArrayList<>();
    ints.add(token);
    for (TornadoNativeArray array : shared) {
      switch (array) {
        case FloatArray some -> floats.add(some);
        case IntArray some -> ints.add(some);
        case HalfFloatArray some -> halfs.add(some);
        default -> throw new IllegalArgumentException("cannot share " + array.getClass());
      }
    }
    for (int i = 0; i < floats.size(); i += WIDTH) {
      tasks.add(
          TaskPackage.createPackage(
              id(tasks, "Floats", i),
              LoadTasks::touchFloats,
              at(floats, i),
              at(floats, i + 1),
              at(floats, i + 2),
              at(floats, i + 3),
              at(floats, i + 4),
              at(floats, i + 5),
              at(floats, i + 6),
              at(floats, i + 7),
              token),
          new WorkerGrid1D(1));
    }
    for (int i = 0; i < halfs.size(); i += 2) {
      tasks.add(
          TaskPackage.createPackage(
              id(tasks, "Halfs", i),
              LoadTasks::touchHalfs,
              at(halfs, i),
              at(halfs, i + 1),
              token,
              fp16 ? 1 : 0),
          new WorkerGrid1D(1));
    }
    for (int i = 0; i < ints.size(); i += 2) {
      tasks.add(
          TaskPackage.createPackage(
              id(tasks, "Ints", i), LoadTasks::touchInts, at(ints, i), at(ints, i + 1), token),
          new WorkerGrid1D(1));
    }
  }

  /** All looks at arrays of one type are one kernel, if they can be. */
  private static String id(KernelGraph tasks, String type, int first) {
    return tasks.id(Stage.LOAD, SharedIds.POSSIBLE ? type : type + first);
  }

  /** The last array stands in for those past the end. */
  private static <T> T at(List<T> arrays, int index) {
    return arrays.get(Math.min(index, arrays.size() - 1));
  }

  private static void touchFloats(
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray e,
      FloatArray f,
      FloatArray g,
      FloatArray h,
      IntArray token) {
    float sum = a.get(0) + b.get(0) + c.get(0) + d.get(0) + e.get(0) + f.get(0) + g.get(0);
    token.set(0, (int) (sum + h.get(0)));
  }

  /**
   * @param fp16 1 where the device has it; elsewhere halfs are but placeholders, and nothing is
   *     left of the look at them when this is compiled
   */
  private static void touchHalfs(HalfFloatArray a, HalfFloatArray b, IntArray token, int fp16) {
    if (fp16 == 1) {
      token.set(0, (int) (a.get(0).getFloat32() + b.get(0).getFloat32()));
    } else {
      token.set(0, 0);
    }
  }

  private static void touchInts(IntArray a, IntArray b, IntArray token) {
    token.set(0, a.get(0) + b.get(0));
  }
}
