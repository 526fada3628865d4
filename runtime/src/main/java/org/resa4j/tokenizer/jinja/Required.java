package org.resa4j.tokenizer.jinja;

import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;

/** What has a property or method taken of it; undefined, it is an error, as in Jinja2. */
final class Required extends AstRightValue {
  private final AstNode node;

  Required(AstNode node) {
    this.node = node;
  }

  @Override
  public Object eval(Bindings bindings, ELContext context) {
    Object value = node.eval(bindings, context);
    if (value == null) {
      throw new ELException("'" + node + "' is undefined");
    }
    return value;
  }

  @Override
  public void appendStructure(StringBuilder out, Bindings bindings) {
    node.appendStructure(out, bindings);
  }

  @Override
  public int getCardinality() {
    return 1;
  }

  @Override
  public AstNode getChild(int index) {
    return node;
  }

  @Override
  public String toString() {
    return node.toString();
  }
}
