package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.EngineOptions;
import org.resa4j.error.DeviceMemoryException;

class JvmEngineProviderTest {
  private static final EngineOptions THREE_THREADS = EngineOptions.of(64).withThreads(3);

  private static Set<Thread> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("resa-worker"))
        .collect(Collectors.toSet());
  }

  @Test
  void aBuildThatFailsLeavesNoThread() {
    Set<Thread> before = workers();
    for (Throwable fault : new Throwable[] {new ArithmeticException(), new OutOfMemoryError()}) {
      assertThatThrownBy(
              () ->
                  JvmEngineProvider.opened(
                      THREE_THREADS,
                      (workers, arena) -> {
                        assertThat(workers()).hasSize(before.size() + 2);
                        return fail(fault);
                      }))
          .isInstanceOf(DeviceMemoryException.class);
      assertThat(workers()).isEqualTo(before);
    }
  }

  private static Object fail(Throwable fault) {
    if (fault instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) fault;
  }
}
