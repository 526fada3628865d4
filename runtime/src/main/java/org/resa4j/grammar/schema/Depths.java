package org.resa4j.grammar.schema;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.resa4j.grammar.schema.Node.Choice;
import org.resa4j.grammar.schema.Node.Elements;
import org.resa4j.grammar.schema.Node.Numbers;
import org.resa4j.grammar.schema.Node.Shape;

/**
 * How many objects and arrays are open at once at the least in a value of each node; more than
 * {@link JsonSchema#MOST_OPEN} where it has none. A text begins nothing that it could not end.
 *
 * @param any of its values of any kind
 */
record Depths(int[] any, int[] object, int[] array, int[] words) {
  private static final int NONE = JsonSchema.MOST_OPEN + 1;

  static Depths of(List<Node> nodes) {
    int size = nodes.size();
    Depths depths = new Depths(none(size), none(size), none(size), none(size));
    // They only become less, and each round is right for one more that is open.
    boolean changed = true;
    while (changed) {
      changed = depths.lessen(nodes);
    }
    return depths;
  }

  private static int[] none(int size) {
    int[] depths = new int[size];
    Arrays.fill(depths, NONE);
    return depths;
  }

  private boolean lessen(List<Node> nodes) {
    boolean changed = false;
    for (int i = 0; i < nodes.size(); i++) {
      int least =
          switch (nodes.get(i)) {
            case Choice choice ->
                choice.among().stream().mapToInt(each -> any[each]).min().orElse(NONE);
            case Shape shape -> shape(i, shape);
          };
      changed |= least < any[i];
      any[i] = Math.min(least, any[i]);
    }
    return changed;
  }

  private int shape(int node, Shape shape) {
    words[node] = shape.words().map(Words::depth).orElse(NONE);
    object[node] = shape.object().map(this::of).orElse(NONE);
    array[node] = shape.array().map(this::of).orElse(NONE);
    boolean plain = shape.string().isPresent() || shape.numbers() != Numbers.NONE;
    return plain ? 0 : IntStream.of(words[node], object[node], array[node]).min().getAsInt();
  }

  private int of(Properties object) {
    return 1
        + object.declared().stream()
            .filter(Properties.Property::required)
            .mapToInt(each -> any[each.node()])
            .max()
            .orElse(0);
  }

  private int of(Elements array) {
    int declared = Math.min(array.least(), array.first().size());
    int first = array.first().stream().limit(declared).mapToInt(each -> any[each]).max().orElse(0);
    return 1 + (array.least() > declared ? Math.max(first, any[array.rest()]) : first);
  }
}
