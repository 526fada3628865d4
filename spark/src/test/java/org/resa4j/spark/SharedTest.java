package org.resa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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

  /** A device may have no memory for two. */
  @Test
  void closesOneBeforeAnotherOpensWhoeverAsks() throws Exception {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Shared<String, AutoCloseable> slow = new Shared<>(Duration.ofMinutes(10));
    Supplier<AutoCloseable> opener =
        () -> {
          most.accumulateAndGet(open.incrementAndGet(), Math::max);
          return () -> {
            Thread.sleep(100);
            open.decrementAndGet();
          };
        };
    slow.acquire("a", opener).close();
    List<Thread> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(Thread.ofPlatform().start(() -> slow.acquire("b", opener).close()));
    }
    for (Thread task : tasks) {
      task.join();
    }
    assertThat(most.get()).isEqualTo(1);
    assertThat(open.get()).isEqualTo(1);
  }

  @Test
  void aFaultInClosingIsNotItsUsers() {
    shared
        .acquire(
            "a",
            () ->
                () -> {
                  throw new IllegalStateException("the driver is gone");
                })
        .close();
    acquire("b").close();
    assertThat(events).containsExactly("open b");
  }

  private static void waitFor(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
  }
}
