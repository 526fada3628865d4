package org.resa4j.tornado.graph;

import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** Access to TornadoVM's insides, for the few classes here that know them. */
final class Insides {
  /** What the JVM must be told. */
  static final String FLAGS = "--add-exports java.base/jdk.internal.module=ALL-UNNAMED";

  private Insides() {}

  /** Whether the JVM lets packages be opened. */
  static boolean canOpen() {
    try {
      Class<?> modules = Class.forName("jdk.internal.module.Modules");
      return modules.getModule().isExported(modules.getPackageName(), Insides.class.getModule());
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Opens a class's package to the project. */
  static void open(Class<?> of) throws ReflectiveOperationException {
    Class.forName("jdk.internal.module.Modules")
        .getMethod("addOpensToAllUnnamed", Module.class, String.class)
        .invoke(null, of.getModule(), of.getPackageName());
  }

  /** The value of an object's field that its class declares. */
  static Object field(Object of, String name) throws ReflectiveOperationException {
    open(of.getClass());
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }

  /** What a public method without parameters returns. */
  static Object call(Object of, String name) throws ReflectiveOperationException {
    Method method = of.getClass().getMethod(name);
    return method.invoke(of);
  }

  /** That they are not as they are known, and how to do without. */
  static IllegalStateException changed(ReflectiveOperationException e) {
    return new IllegalStateException(
        "TornadoVM's insides are not those of 5.2.0 (%s); without %s they are left alone, and steps take longer"
            .formatted(e, FLAGS),
        e);
  }
}
