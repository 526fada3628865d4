package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;

/** Python's {@code base[start:stop:step]} of lists and strings; each bound may be null. */
final class Slice extends AstRightValue {
  private final AstNode base;
  private final AstNode start;
  private final AstNode stop;
  private final AstNode step;

  Slice(AstNode base, AstNode start, AstNode stop, AstNode step) {
    this.base = base;
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  @Override
  public Object eval(Bindings bindings, ELContext context) {
    Object value = base.eval(bindings, context);
    return switch (value) {
      case String text -> {
        StringBuilder out = new StringBuilder();
        indexes(text.length(), bindings, context).forEach(i -> out.append(text.charAt(i)));
        yield out.toString();
      }
      case List<?> list -> {
        List<Object> out = new ArrayList<>();
        indexes(list.size(), bindings, context).forEach(i -> out.add(list.get(i)));
        yield out;
      }
      case null, default -> throw new ELException(base + " cannot be sliced");
    };
  }

  /** {@code range(*slice(start, stop, step).indices(length))}. */
  private List<Integer> indexes(int length, Bindings bindings, ELContext context) {
    int by = bound(step, 1, bindings, context);
    if (by == 0) {
      throw new ELException("slice step cannot be zero");
    }
    int low = by > 0 ? 0 : -1;
    int high = by > 0 ? length : length - 1;
    int from = clip(start, by > 0 ? low : high, length, low, high, bindings, context);
    int to = clip(stop, by > 0 ? high : low, length, low, high, bindings, context);
    List<Integer> indexes = new ArrayList<>();
    for (int i = from; by > 0 ? i < to : i > to; i += by) {
      indexes.add(i);
    }
    return indexes;
  }

  private static int clip(
      AstNode node,
      int otherwise,
      int length,
      int low,
      int high,
      Bindings bindings,
      ELContext context) {
    Integer given = bound(node, null, bindings, context);
    if (given == null) {
      return otherwise;
    }
    return Math.clamp(given < 0 ? given + length : given, low, high);
  }

  private static Integer bound(
      AstNode node, Integer otherwise, Bindings bindings, ELContext context) {
    Object value = node == null ? null : node.eval(bindings, context);
    return switch (value) {
      case null -> otherwise;
      case Number number -> number.intValue();
      default -> throw new ELException("slice bound '" + value + "' is no number");
    };
  }

  @Override
  public void appendStructure(StringBuilder out, Bindings bindings) {
    base.appendStructure(out, bindings);
    out.append("[:]");
  }

  @Override
  public int getCardinality() {
    return 0;
  }

  @Override
  public AstNode getChild(int index) {
    return null;
  }

  @Override
  public String toString() {
    return "[:]";
  }
}
