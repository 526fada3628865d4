package org.resa4j.bench.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Golden;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StepBatch;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;

/** The benchmark's own check: it must pass right results and see wrong ones. */
class LogitCheckTest {
  private static final ResaConfig SPARSE = new ResaConfig(16, 0.1, 8, 1, 32);
  private static final EngineOptions OPTIONS = EngineOptions.of(64).withSequences(3);

  private static boolean several;

  private final Model model = HuggingFace.load(Golden.model("qwen2"));

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "qwen3", "llama3"})
  void passesWhatIsRight(String name) {
    LogitCheck check = new LogitCheck(HuggingFace.load(Golden.model(name)), SPARSE);
    assertThat(check.run(new JvmEngineProvider(), OPTIONS).worst()).isLessThan(1e-5);
  }

  @Test
  void passesSettingsThatKeepEverything() {
    LogitCheck check = new LogitCheck(model, ResaConfig.dense(16));
    assertThat(check.run(new JvmEngineProvider(), OPTIONS).worst()).isLessThan(1e-5);
  }

  @Test
  void seesBlocksThatAreLeftOut() {
    LogitCheck.Errors errors = new LogitCheck(model, SPARSE).run(wrong("dense as sparse"), OPTIONS);
    assertThat(errors.sparse()).isLessThan(1e-5);
    assertThat(errors.dense()).isGreaterThan(1e-3);
  }

  @Test
  void seesBlocksThatAreTooMany() {
    LogitCheck.Errors errors = new LogitCheck(model, SPARSE).run(wrong("sparse as dense"), OPTIONS);
    assertThat(errors.dense()).isLessThan(1e-5);
    assertThat(errors.sparse()).isGreaterThan(1e-3);
  }

  @Test
  void seesAChunkAtAWrongPosition() {
    LogitCheck.Errors errors = new LogitCheck(model, SPARSE).run(wrong("late encode"), OPTIONS);
    assertThat(errors.sparse()).isLessThan(1e-5);
    assertThat(errors.encode()).isGreaterThan(1e-3);
  }

  @Test
  void seesRowsOfThePassThatAreMixedUp() {
    LogitCheck.Errors errors = new LogitCheck(model, SPARSE).run(wrong("row order"), OPTIONS);
    assertThat(errors.encode()).isLessThan(1e-5);
    assertThat(errors.verify()).isGreaterThan(1e-3);
  }

  @Test
  void seesARectificationOverOtherBlocksThanThoseSelected() {
    ResaConfig part = SPARSE.withRectifyKeep(0.2);
    LogitCheck.Errors errors = new LogitCheck(model, part).run(new JvmEngineProvider(), OPTIONS);
    assertThat(errors.rectify().orElseThrow()).isLessThan(1e-5);
    errors = new LogitCheck(model, part).run(wrong("dense rectification"), OPTIONS);
    assertThat(errors.encode()).isLessThan(1e-5);
    assertThat(errors.rectify().orElseThrow()).isGreaterThan(1e-3);
    assertThat(errors.worst()).isEqualTo(errors.rectify().orElseThrow());
  }

  /** The JVM engine, but for one mistake. */
  private static EngineProvider wrong(String mistake) {
    JvmEngineProvider right = new JvmEngineProvider();
    return new EngineProvider() {
      @Override
      public String name() {
        return right.name();
      }

      @Override
      public List<Device> devices() {
        return right.devices();
      }

      @Override
      public Engine open(Model model, EngineOptions options, OpenProgress progress) {
        Engine engine = right.open(model, options);
        return (Engine)
            Proxy.newProxyInstance(
                Engine.class.getClassLoader(),
                new Class<?>[] {Engine.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("step")) {
                    arguments[0] = changed(mistake, (StepBatch) arguments[0]);
                  }
                  if (method.getName().equals("encode")) {
                    several = ((EncodeBatch) arguments[0]).size() > 1;
                  }
                  if (method.getName().equals("logits") && mistake.equals("row order") && several) {
                    // The second sequence's first row, and the first sequence's last.
                    int row = (int) arguments[0];
                    arguments[0] = row == 2 ? 3 : row == 3 ? 2 : row;
                  }
                  if (method.getName().equals("encode") && mistake.equals("late encode")) {
                    arguments[0] = moved((EncodeBatch) arguments[0], -1);
                  }
                  if (method.getName().equals("encode") && mistake.equals("dense rectification")) {
                    arguments[0] = moved((EncodeBatch) arguments[0], 0);
                  }
                  try {
                    return method.invoke(engine, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
      }

      @Override
      public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
        return right.openAttention(shape, options);
      }

      @Override
      public List<Diagnosis> diagnose() {
        return right.diagnose();
      }
    };
  }

  /** At other positions, and densely. */
  private static EncodeBatch moved(EncodeBatch asked, int by) {
    EncodeBatch batch = new EncodeBatch(asked.size(), asked.tokens());
    for (int i = 0; i < asked.size(); i++) {
      int[] tokens = new int[asked.count(i)];
      for (int t = 0; t < tokens.length; t++) {
        tokens[t] = asked.token(asked.first(i) + t);
      }
      batch.add(asked.table(i), asked.position(i) + by, tokens, 0, tokens.length, asked.logits(i));
    }
    return batch;
  }

  private static StepBatch changed(String mistake, StepBatch asked) {
    boolean dense = mistake.equals("sparse as dense");
    if (!mistake.contains(" as ") || asked.isDense() == dense) {
      return asked;
    }
    StepBatch batch = new StepBatch(asked.rows());
    for (int row = 0; row < asked.rows(); row++) {
      batch.add(
          asked.table(row),
          asked.token(row),
          asked.position(row),
          dense ? ResaConfig.dense(16) : SPARSE);
    }
    return batch;
  }
}
