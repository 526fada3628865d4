package org.resa4j.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResaConfigTest {
  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "32", "auto:0.05", "auto:0.25"})
  void anIntervalIsReadAsItIsWritten(String text) {
    assertThat(ResaConfig.DEFAULT.withRectification(text).rectification()).isEqualTo(text);
  }

  @Test
  void autoHoldsTheDefaultTargetAndBeginsAtTheShortestInterval() {
    ResaConfig auto = ResaConfig.DEFAULT.withRectifyEvery(7).withRectification("auto");
    assertThat(auto.driftTarget()).contains(DriftTarget.DEFAULT);
    assertThat(auto.rectifyEvery()).isEqualTo(DriftTarget.DEFAULT.minEvery());
    assertThat(auto.withRectifyEvery(7).driftTarget()).isEmpty();
    assertThat(auto.withDriftTarget(new DriftTarget(0.1, 4, 16)).rectifyEvery()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "often", "32.5", "auto:", "auto:x", "auto 0.1"})
  void whatIsNoIntervalIsRefusedWithWhatIs(String text) {
    assertThatThrownBy(() -> ResaConfig.DEFAULT.withRectification(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("auto:TARGET")
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto:0", "auto:1", "auto:-0.1", "auto:NaN"})
  void aTargetIsARelativeError(String text) {
    assertThatThrownBy(() -> ResaConfig.DEFAULT.withRectification(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("above 0 and below 1");
  }

  @Test
  void shortContextsKeepAllBlocksWhateverElseChanges() {
    ResaConfig config = ResaConfig.DEFAULT.withSparseFrom(1000);
    for (ResaConfig each :
        new ResaConfig[] {
          config,
          config.withRectifyEvery(7),
          config.withDriftTarget(DriftTarget.DEFAULT),
          config.withExact(DraftLength.AUTO),
          config.withKeepRatio(0.05),
          config.withBlockSize(16)
        }) {
      assertThat(each.keepBlocks(999)).isEqualTo(63);
      assertThat(each.keepBlocks(1000)).isEqualTo(16);
    }
    assertThatThrownBy(() -> config.withSparseFrom(-1)).hasMessageContaining("sparseFrom");
  }

  @Test
  void boundsAreChecked() {
    assertThatThrownBy(() -> new DriftTarget(0.1, 0, 8)).hasMessageContaining("minEvery");
    assertThatThrownBy(() -> new DriftTarget(0.1, 9, 8)).hasMessageContaining("maxEvery");
    Optional<DriftTarget> target = Optional.of(new DriftTarget(0.1, 8, 64));
    assertThatThrownBy(() -> new ResaConfig(16, 0.1, 16, 1, 65, target, Optional.empty()))
        .hasMessageContaining("8 to 64");
  }

  @Test
  void recentDriftAndIntervalAreInverse() {
    DriftTarget target = new DriftTarget(0.1, 8, 256);
    assertThat(target.every(0.2)).isEqualTo(64);
    assertThat(target.recentDrift(0.2, 64)).isCloseTo(0.1, within(1e-12));
    assertThat(target.every(0)).isEqualTo(256);
    assertThat(target.every(1e9)).isEqualTo(8);
    assertThat(target.recentDrift(0.2, 1000)).as("longer than H").isEqualTo(0.2);
  }

  @Test
  void exactModeAndRectificationExcludeEachOther() {
    ResaConfig exact = ResaConfig.DEFAULT.withExact(DraftLength.of(12));
    assertThat(exact.exact()).contains(DraftLength.of(12));
    assertThat(exact.rectifyEvery()).isZero();
    assertThat(exact.withKeepRatio(0.3).withBlockSize(8).exact()).contains(DraftLength.of(12));
    assertThat(exact.withRectifyEvery(16).exact()).isEmpty();
    assertThat(exact.withRectification("auto").exact()).isEmpty();
    assertThatThrownBy(
            () ->
                new ResaConfig(16, 0.1, 16, 1, 32, Optional.empty(), Optional.of(DraftLength.AUTO)))
        .hasMessageContaining("nothing to rectify");
  }

  @Test
  void aWindowMayBeRectifiedOverPartOfTheBlocks() {
    ResaConfig config = new ResaConfig(8, 0.1, 2, 1, 16).withSparseFrom(100);
    assertThat(config.rectifyKeep()).isEqualTo(1);
    assertThat(config.rectifySelection()).isEmpty();
    ResaConfig part = config.withRectifyKeep(0.3);
    assertThat(part.rectifySelection()).contains(config.withKeepRatio(0.3));
    assertThat(part.withKeepRatio(0.2).withRectifyEvery(8).rectifyKeep()).isEqualTo(0.3);
    assertThat(part.withExact(DraftLength.AUTO).rectifyKeep()).as("verifies densely").isEqualTo(1);
    assertThatThrownBy(() -> part.withRectification("auto")).hasMessageContaining("rectifyKeep");
    for (double wrong : new double[] {0, -1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> config.withRectifyKeep(wrong)).hasMessageContaining("rectifyKeep");
    }
  }

  @Test
  void aDraftsLengthIsReadAsItIsWritten() {
    for (String text : new String[] {"auto", "2", "64"}) {
      assertThat(DraftLength.parse(text)).hasToString(text);
    }
    for (String text : new String[] {"1", "65", "-3", "", "Auto"}) {
      assertThatThrownBy(() -> DraftLength.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 to 64");
    }
  }
}
