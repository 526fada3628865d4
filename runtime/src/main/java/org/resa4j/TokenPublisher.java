package org.resa4j;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Pushes a handle's tokens to subscribers, each on a virtual thread of its own. */
final class TokenPublisher implements Flow.Publisher<GeneratedToken> {
  private final Iterable<GeneratedToken> tokens;

  TokenPublisher(Iterable<GeneratedToken> tokens) {
    this.tokens = tokens;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super GeneratedToken> subscriber) {
    Objects.requireNonNull(subscriber);
    TokenSubscription subscription = new TokenSubscription();
    Thread.ofVirtual()
        .name("resa-subscriber")
        .start(() -> subscription.run(subscriber, tokens.iterator()));
  }

  /** One subscriber's demand. */
  private static final class TokenSubscription implements Flow.Subscription {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private long demand;
    private boolean cancelled;
    private IllegalArgumentException wrongDemand;

    @Override
    public void request(long count) {
      lock.lock();
      try {
        if (count <= 0) {
          wrongDemand = new IllegalArgumentException("asked for " + count + " tokens");
        } else {
          demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void cancel() {
      lock.lock();
      try {
        cancelled = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void run(Flow.Subscriber<? super GeneratedToken> subscriber, Iterator<GeneratedToken> tokens) {
      subscriber.onSubscribe(this);
      try {
        // The end is told without demand, as the specification has it.
        while (tokens.hasNext()) {
          if (!takeDemand()) {
            return;
          }
          subscriber.onNext(tokens.next());
        }
        checkDemand();
      } catch (RuntimeException | Error e) {
        if (!isCancelled()) {
          subscriber.onError(e);
        }
        return;
      }
      if (!isCancelled()) {
        subscriber.onComplete();
      }
    }

    /** Waits until a token may be pushed; returns false once the subscription is cancelled. */
    private boolean takeDemand() {
      lock.lock();
      try {
        while (demand == 0 && !cancelled && wrongDemand == null) {
          changed.awaitUninterruptibly();
        }
        if (cancelled) {
          return false;
        }
        checkDemand();
        demand--;
        return true;
      } finally {
        lock.unlock();
      }
    }

    private void checkDemand() {
      lock.lock();
      try {
        if (wrongDemand != null) {
          throw wrongDemand;
        }
      } finally {
        lock.unlock();
      }
    }

    private boolean isCancelled() {
      lock.lock();
      try {
        return cancelled;
      } finally {
        lock.unlock();
      }
    }
  }
}
