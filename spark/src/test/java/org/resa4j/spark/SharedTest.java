package org.resa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class SharedTest {
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final Shared<String, AutoCloseable> shared = new Shared<>(Duration.ofMinutes(10));

  private AutoCloseable open(String name) {
    events.add("open " + name);
    return () -> events.add("close " + name);
  }

  private Shared<String, AutoCloseable>.Lease acquire(String name) {
    return shared.acquire(name, () -> open(name));
  }

  @Test
  void oneForAllUsersAndForThoseThatFollow() {
    var first = acquire("a");
    var second = acquire("a");
    assertThat(second.get()).isSameAs(first.get());
    first.close();
    first.close();
    second.close();
    acquire("a").close();
    assertThat(events).containsExactly("open a");
  }

  @Test
  void closesUnusedOnesBeforeItOpensAnother() {
    acquire("a").close();
    var used = acquire("b");
    acquire("c").close();
    used.close();
    assertThat(events).containsExactly("open a", "close a", "open b", "open c");
  }

  @Test
  void closesADiscardedOneWithItsLastUser() {
    var first = acquire("a");
    var second = acquire("a");
    first.discard();
    first.close();
    var third = acquire("a");
    assertThat(third.get()).isNotSameAs(second.get());
    assertThat(events).containsExactly("open a", "open a");
    second.close();
    assertThat(events).containsExactly("open a", "open a", "close a");
    third.close();
    assertThat(shared.size()).isEqualTo(1);
  }

  @Test
  void opensAgainWhatDidNotOpen() {
    assertThatThrownBy(
            () ->
                shared.acquire(
                    "a",
                    () -> {
                      throw new IllegalStateException("no memory");
                    }))
        .hasMessage("no memory");
    assertThat(shared.size()).isZero();
    acquire("a").close();
    assertThat(events).containsExactly("open a");
  }

  @Test
  void closesWhatNobodyUsesForAWhile() throws InterruptedException {
    Shared<String, AutoCloseable> brief = new Shared<>(Duration.ofMillis(50));
    var lease = brief.acquire("a", () -> open("a"));
    lease.close();
    // Used again in time: its while begins anew.
    var again = brief.acquire("a", () -> open("a"));
    Thread.sleep(150);
    assertThat(events).containsExactly("open a");
    again.close();
    waitFor(() -> events.size() == 2);
    assertThat(events).containsExactly("open a", "close a");
    assertThat(brief.size()).isZero();
  }

  private static void waitFor(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
  }
}
