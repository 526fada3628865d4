package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.DraftLength;

class DraftCostsTest {
  /** Costs after verifications of several lengths, with noise. */
  private static DraftCosts costs(double step, double pass, double perToken) {
    DraftCosts costs = new DraftCosts();
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      double noise = 1 + 0.02 * random.nextGaussian();
      int count = 4 + random.nextInt(40);
      costs.stepped((long) (1e6 * step * noise));
      costs.verified(count, (long) (1e6 * (pass + perToken * count) * noise));
    }
    return costs;
  }

  /** The best window by trying all, with the costs as they are. */
  private static double rate(int window, double acceptance, double step, double pass, double each) {
    double yield = 0;
    for (int i = 0; i < window; i++) {
      yield += Math.pow(acceptance, i);
    }
    return yield / (step * (window - 1) + pass + each * window);
  }

  @Test
  void theBestWindowIsNearlyTheBestThereIs() {
    for (double acceptance : new double[] {0, 0.5, 0.8, 0.95, 0.99, 1}) {
      for (double pass : new double[] {1, 5, 30}) {
        int window = costs(1, pass, 0.2).bestWindow(acceptance, 2, 64);
        double best = 0;
        for (int i = 2; i <= 64; i++) {
          best = Math.max(best, rate(i, acceptance, 1, pass, 0.2));
        }
        assertThat(rate(window, acceptance, 1, pass, 0.2))
            .as("acceptance %s, pass %s, window %d", acceptance, pass, window)
            .isGreaterThan(0.97 * best);
      }
    }
  }

  @Test
  void draftsThatAreNeverAcceptedAreShort() {
    assertThat(costs(1, 5, 0.2).bestWindow(0, 2, 64)).isEqualTo(2);
    assertThat(costs(1, 5, 0.2).bestWindow(1, 2, 64)).isEqualTo(64);
  }

  @Test
  void oneLengthAloneLeavesTheCostOfATokenAssumed() {
    DraftCosts costs = new DraftCosts();
    assertThat(costs.known()).isFalse();
    costs.stepped(1_000_000);
    assertThat(costs.known()).isFalse();
    costs.verified(16, 10_000_000);
    assertThat(costs.known()).isTrue();
    assertThat(costs.bestWindow(0.9, 2, 64)).isBetween(4, 32);
  }

  @Test
  void anAutomaticLengthFollowsAndAFixedOneStays() {
    Drafting fixed = new Drafting(DraftLength.of(9), costs(1, 5, 0.2));
    Drafting automatic = new Drafting(DraftLength.AUTO, costs(1, 5, 0.2));
    for (int i = 0; i < 40; i++) {
      fixed.verified(8, 0, 1);
      automatic.verified(8, 0, 1);
    }
    assertThat(fixed.window()).isEqualTo(9);
    assertThat(automatic.window()).isEqualTo(2);
    for (int i = 0; i < 200; i++) {
      automatic.verified(8, 8, 9);
    }
    assertThat(automatic.window()).isGreaterThan(40);
    assertThat(automatic.verifications()).isEqualTo(new Verifications(240, 1920, 1600, 1840));
  }
}
