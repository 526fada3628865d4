package org.resa4j.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How all charts look. */
public final class ChartStyle {
  public static final int WIDTH = 1100;
  public static final int HEIGHT = 640;

  /** Okabe and Ito's, which colour-blind people tell apart too; black is left to text. */
  private static final Color[] PALETTE = {
    new Color(0x0072B2),
    new Color(0xE69F00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0x56B4E9),
    new Color(0xD55E00),
    new Color(0xF0E442),
    new Color(0x777777)
  };

  /** Colours that there are before they repeat. */
  public static final int COLORS = PALETTE.length;

  private static final Color GRID = new Color(0xDDDDDD);

  private ChartStyle() {}

  public static Color color(int index) {
    return PALETTE[index % PALETTE.length];
  }

  public static void apply(AxesChartStyler styler) {
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    Font bold = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitleFont(bold);
    styler.setLegendFont(plain);
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setSeriesColors(PALETTE);
    styler.setAxisTitleFont(plain);
    styler.setAxisTickLabelsFont(plain);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridLinesStroke(new BasicStroke(1));
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setPlotBorderVisible(false);
  }

  /**
   * A line of a chart of several: those drawn first are thicker, so that they show where others
   * cover them.
   *
   * @param index of {@code count}, in the order drawn
   */
  public static void line(XYSeries series, int index, int count) {
    series.setLineStyle(new BasicStroke(2 + 4f * (count - 1 - index) / count));
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(color(index));
    series.setLineColor(color(index));
  }

  /** Draws charts into files, and returns those. */
  @FunctionalInterface
  public interface Drawing {
    List<Path> draw() throws IOException;
  }

  /**
   * Draws, or says on standard error why not: a machine without fonts cannot, and what was measured
   * must not be lost by it.
   *
   * @param command draws the charts on another machine
   * @return the files
   */
  public static List<Path> draw(String command, Drawing charts) throws IOException {
    try {
      // Java finds out at the first text whether there are fonts, and says so in three ways.
      new Font(Font.SANS_SERIF, Font.PLAIN, 14)
          .getLineMetrics("text", new FontRenderContext(null, true, true));
    } catch (LinkageError | InternalError | RuntimeException e) {
      System.err.printf(
          "no charts, as this machine cannot draw text (%s); `%s` draws them on another%n",
          e.getMessage(), command);
      return List.of();
    }
    return charts.draw();
  }

  /**
   * Writes {@code <name>.png}, the name reduced to letters of any script, digits, dots, hyphens.
   */
  public static Path save(IChart chart, Path folder, String name) throws IOException {
    Path file =
        folder.resolve(name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}.]+", "-") + ".png");
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
    return file;
  }
}
