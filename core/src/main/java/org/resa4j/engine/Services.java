package org.resa4j.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Services beside this library and where the calling thread looks: in a container the thread's
 * class loader may know nothing of this library, or more than this library's own.
 */
final class Services {
  private Services() {}

  static <T> List<T> of(Class<T> service) {
    Map<String, T> found = new LinkedHashMap<>();
    add(service, Services.class.getClassLoader(), found);
    add(service, Thread.currentThread().getContextClassLoader(), found);
    return new ArrayList<>(found.values());
  }

  private static <T> void add(Class<T> service, ClassLoader loader, Map<String, T> found) {
    ServiceLoader.load(service, loader).stream()
        // A thread's loader may have this library a second time, whose services are not ours.
        .filter(each -> service.isAssignableFrom(each.type()))
        .forEach(each -> found.computeIfAbsent(each.type().getName(), name -> each.get()));
  }
}
