package org.resa4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationRequest;
import org.resa4j.Resa;

/** Has texts written for requests, and knows those that are in the making. Thread-safe. */
final class Writer {
  private final Resa resa;
  private final Metrics metrics;
  private final Set<Texts> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  Writer(Resa resa, Metrics metrics) {
    this.resa = resa;
    this.metrics = metrics;
  }

  /**
   * Begins texts, all of them or none.
   *
   * @param promptField what the request has the prompt in, for errors
   * @throws org.resa4j.server.request.ApiException if they cannot be written, or too many wait
   */
  Texts submit(List<GenerationRequest> requests, String promptField) {
    if (closing) {
      throw Errors.closing();
    }
    List<GenerationHandle> handles = new ArrayList<>();
    long now = System.nanoTime();
    try {
      for (GenerationRequest request : requests) {
        handles.add(resa.submit(request));
      }
    } catch (RuntimeException e) {
      handles.forEach(GenerationHandle::cancel);
      throw Errors.of(e, promptField, metrics.textSeconds());
    }
    Texts texts = new Texts(handles, now, metrics, open::remove);
    open.add(texts);
    // It may have begun to close in between.
    if (closing) {
      texts.cancel();
    }
    return texts;
  }

  /** Whether texts are being written. */
  boolean isBusy() {
    return !open.isEmpty();
  }

  boolean refuses() {
    return closing;
  }

  /** Refuses texts from now on. */
  void refuse() {
    closing = true;
  }

  /** Ends those in the making. */
  void cancel() {
    open.forEach(Texts::cancel);
  }
}
