package org.resa4j.generate;

import java.util.Arrays;
import java.util.function.Consumer;
import org.resa4j.engine.SelectionObserver;

/** Traces one text for its listener: gathers a step's layers, and holds the listener's faults. */
final class Tracing implements SelectionObserver {
  private final TraceListener listener;

  /** {@code [layer][M]} of the step under way. */
  private int[][] readers = {};

  /**
   * @param listener hears it
   */
  Tracing(TraceListener listener) {
    this.listener = listener;
  }

  @Override
  public void onSelected(int layer, int[] counts, int blocks) {
    if (layer == 0) {
      // The last step's are its listener's.
      readers = new int[readers.length][];
    }
    if (layer >= readers.length) {
      readers = Arrays.copyOf(readers, layer + 1);
    }
    readers[layer] = Arrays.copyOf(counts, blocks);
  }

  /** The step is done; to be called before anything is appended to the text. */
  void stepped(Sequence sequence, int kept) {
    int position = sequence.cached;
    int blocks = sequence.config.blocks(position + 1);
    StepTrace step = new StepTrace(position, sequence.drafts(), blocks, kept, readers);
    tell(sequence, each -> each.onStep(step));
  }

  void rectified(Sequence sequence, int from, int to) {
    tell(sequence, each -> each.onRectified(from, to));
  }

  void verified(Sequence sequence, VerificationTrace verification) {
    tell(sequence, each -> each.onVerified(verification));
  }

  private void tell(Sequence sequence, Consumer<TraceListener> event) {
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      // A fault of this text's listener alone; the others go on.
      sequence.result.completeExceptionally(e);
      sequence.finish = FinishReason.CANCELLED;
    }
  }
}
