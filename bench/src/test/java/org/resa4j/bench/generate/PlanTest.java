package org.resa4j.bench.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;

class PlanTest {
  private static Plan plan(List<Integer> prompts, int generated, List<Integer> depths) {
    return new Plan(
        prompts, generated, depths, 1, true, Optional.of(ResaConfig.DEFAULT), Optional.empty(), 16);
  }

  @Test
  void depthsAscend() {
    assertThat(plan(List.of(), 32, List.of(4096, 0, 128, 0)).depths())
        .containsExactly(0, 128, 4096);
  }

  @Test
  void theContextHoldsTheDeepestAndWhatFollows() {
    assertThat(plan(List.of(16, 512), 64, List.of(100)).contextLength()).isEqualTo(612);
    assertThat(plan(List.of(16), 64, List.of(100, 7)).contextLength()).isEqualTo(164);
    assertThat(plan(List.of(16), 64, List.of(100, 7)).shallower().contextLength()).isEqualTo(71);
  }

  @Test
  void theContextHoldsWhatDraftsMayYield() {
    GivenAcceptance given = new GivenAcceptance(16, 0.97);
    Plan plan =
        new Plan(
            List.of(),
            64,
            List.of(100),
            1,
            true,
            Optional.of(ResaConfig.DEFAULT),
            Optional.of(given),
            16);
    assertThat(plan.contextLength()).isEqualTo(100 + 5 * 16);
    assertThat(plan.exactConfig().exact()).contains(DraftLength.of(16));
  }

  @Test
  void aWindowThatIsNeverRectifiedIsRefused() {
    assertThatThrownBy(() -> plan(List.of(), 100, List.of(0)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("100")
        .hasMessageContaining("32");
  }

  @Test
  void anIntervalThatFollowsDriftIsRefused() {
    Optional<ResaConfig> auto = Optional.of(ResaConfig.DEFAULT.withRectification("auto"));
    assertThatThrownBy(
            () -> new Plan(List.of(), 64, List.of(0), 1, true, auto, Optional.empty(), 16))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--rectify-every");
  }

  @Test
  void nothingToTimeIsRefused() {
    assertThatThrownBy(() -> plan(List.of(), 0, List.of(0))).isInstanceOf(InputException.class);
  }
}
