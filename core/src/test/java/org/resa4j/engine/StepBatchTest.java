package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;

class StepBatchTest {
  private static void add(StepBatch batch) {
    batch.add(new BlockTable(1), 1, 0, ResaConfig.DEFAULT);
  }

  @Test
  void aRowThatIsAddedHasNoObserverOfAnEarlierText() {
    SelectionObserver observer =
        (layer, readers, blocks) -> {
          throw new AssertionError("another text's");
        };
    StepBatch observed = new StepBatch(3);
    for (int i = 0; i < 3; i++) {
      add(observed);
      observed.observe(observer);
    }
    StepBatch one = new StepBatch(3);
    add(one);
    StepBatch batch = new StepBatch(3);
    batch.refill(observed);
    assertThat(batch.observer(2)).containsSame(observer);
    batch.refill(one);
    batch.clear();
    for (int i = 0; i < 3; i++) {
      add(batch);
      assertThat(batch.observer(i)).as("row " + i).isEmpty();
    }
  }
}
