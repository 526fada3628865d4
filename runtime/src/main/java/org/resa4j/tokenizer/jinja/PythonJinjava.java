package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.TruthyTypeConverter;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.tree.TreeStore;
import jinjava.de.odysseus.el.tree.impl.Builder.Feature;
import jinjava.de.odysseus.el.tree.impl.Cache;
import jinjava.de.odysseus.el.tree.impl.Parser;
import jinjava.javax.el.ExpressionFactory;

/** Jinjava with {@link PythonParser} for its expressions. */
final class PythonJinjava extends Jinjava {
  private static final int CACHED_EXPRESSIONS = 1000;

  private final TreeStore trees = new TreeStore(new Syntax(), new Cache(CACHED_EXPRESSIONS));
  private final ExpressionFactory expressions =
      new ExpressionFactoryImpl(trees, new TruthyTypeConverter());

  PythonJinjava(JinjavaConfig config) {
    super(config);
  }

  @Override
  public ExpressionFactory getExpressionFactory() {
    return expressions;
  }

  /** Parsed expressions, by source in JUEL's delimiters. */
  TreeStore trees() {
    return trees;
  }

  private static final class Syntax extends ExtendedSyntaxBuilder {
    private static final long serialVersionUID = 1L;

    Syntax() {
      super(Feature.METHOD_INVOCATIONS, Feature.VARARGS);
    }

    @Override
    protected Parser createParser(String expression) {
      return new PythonParser(this, expression);
    }
  }
}
