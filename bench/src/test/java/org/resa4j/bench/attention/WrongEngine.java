package org.resa4j.bench.attention;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.OpenProgress;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.model.Model;

/** Another engine, but for one mistake. */
record WrongEngine(EngineProvider right, Mistake mistake) implements EngineProvider {
  /** What is wrong. */
  enum Mistake {
    /** Dense steps are off by 1%. */
    DENSE,
    /** Sparse steps are off by 1%. */
    ATTEND,
    /** The first blocks are selected, not the best ones. */
    SELECT,
    /** Encoded tokens give no numbers. */
    RECTIFY
  }

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
    return right.open(model, options);
  }

  @Override
  public List<Diagnosis> diagnose() {
    return right.diagnose();
  }

  @Override
  public AttentionLayer openAttention(AttentionShape shape, EngineOptions options) {
    AttentionLayer layer = right.openAttention(shape, options);
    return new AttentionLayer() {
      private boolean dense;

      @Override
      public AttentionShape shape() {
        return layer.shape();
      }

      @Override
      public EngineInfo info() {
        return layer.info();
      }

      @Override
      public void encode(
          BlockTable table,
          int position,
          int count,
          float[] query,
          float[] key,
          float[] value,
          float[] output) {
        layer.encode(table, position, count, query, key, value, output);
        spoil(Mistake.RECTIFY, output, Float.NaN);
      }

      @Override
      public void rectify(
          BlockTable table,
          int position,
          int count,
          ResaConfig config,
          float[] query,
          float[] key,
          float[] value,
          float[] output) {
        layer.rectify(table, position, count, config, query, key, value, output);
        spoil(Mistake.RECTIFY, output, Float.NaN);
      }

      @Override
      public void load(BlockTable table, int position, int count, float[] key, float[] value) {
        layer.load(table, position, count, key, value);
      }

      @Override
      public void step(StepBatch batch, float[] query, float[] key, float[] value, float[] output) {
        layer.step(batch, query, key, value, output);
        dense = batch.isDense();
        spoil(dense ? Mistake.DENSE : Mistake.ATTEND, output, 1.01f);
      }

      @Override
      public int[] selected(int row, int kvHead) {
        int[] selected = layer.selected(row, kvHead);
        if (mistake == Mistake.SELECT && !dense) {
          for (int i = 0; i < selected.length - 1; i++) {
            selected[i] = i;
          }
        }
        return selected;
      }

      @Override
      public CacheSnapshot snapshot(BlockTable table, int tokens) {
        return layer.snapshot(table, tokens);
      }

      @Override
      public StageTimes stageTimes() {
        return layer.stageTimes();
      }

      @Override
      public void close() {
        layer.close();
      }
    };
  }

  private void spoil(Mistake made, float[] output, float factor) {
    if (mistake == made) {
      for (int i = 0; i < output.length; i++) {
        output[i] *= factor;
      }
    }
  }
}
