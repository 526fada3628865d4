package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.el.ext.AdditionOperator;
import com.hubspot.jinjava.util.ObjectTruthValue;
import java.math.BigDecimal;
import java.util.Objects;
import jinjava.de.odysseus.el.misc.TypeConverter;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.javax.el.ELException;

/** Operators that coerce nothing, as Python's. */
final class PythonOperators {
  static final AstBinary.Operator ADD = new Addition();

  static final AstBinary.Operator EQ =
      (bindings, context, left, right) ->
          equal(left.eval(bindings, context), right.eval(bindings, context));

  static final AstBinary.Operator NE =
      (bindings, context, left, right) ->
          !equal(left.eval(bindings, context), right.eval(bindings, context));

  /** Yields an operand, not a boolean. */
  static final AstBinary.Operator AND =
      (bindings, context, left, right) -> {
        Object a = left.eval(bindings, context);
        return ObjectTruthValue.evaluate(a) ? right.eval(bindings, context) : a;
      };

  private PythonOperators() {}

  private static boolean equal(Object a, Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return new BigDecimal(x.toString()).compareTo(new BigDecimal(y.toString())) == 0;
    }
    return Objects.equals(a, b);
  }

  private static String name(Object value) {
    return value == null ? "nothing" : "'" + value + "'";
  }

  /** Fails for text plus anything else, where Jinjava would write {@code null} into a prompt. */
  private static final class Addition extends AdditionOperator {
    @Override
    protected Object apply(TypeConverter converter, Object a, Object b) {
      if (a == null || b == null || a instanceof String != b instanceof String) {
        throw new ELException("cannot add %s and %s".formatted(name(a), name(b)));
      }
      return super.apply(converter, a, b);
    }
  }
}
