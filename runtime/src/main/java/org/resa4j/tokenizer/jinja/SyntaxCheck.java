package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.interpret.AutoCloseableSupplier.AutoCloseableImpl;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.tag.ElseIfTag;
import com.hubspot.jinjava.lib.tag.ForTag;
import com.hubspot.jinjava.lib.tag.IfTag;
import com.hubspot.jinjava.lib.tag.SetTag;
import com.hubspot.jinjava.tree.ExpressionNode;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import com.hubspot.jinjava.tree.parse.ExpressionToken;
import com.hubspot.jinjava.tree.parse.TagToken;
import jinjava.de.odysseus.el.tree.TreeBuilderException;
import org.resa4j.error.InputException;

/** Parses all of a template's expressions; Jinjava by itself parses one when it evaluates it. */
final class SyntaxCheck {
  private final PythonJinjava jinjava;

  private SyntaxCheck(PythonJinjava jinjava) {
    this.jinjava = jinjava;
  }

  /**
   * Checks a template.
   *
   * @throws InputException naming the expression or tag at fault
   */
  static void run(PythonJinjava jinjava, String source) {
    JinjavaInterpreter interpreter = jinjava.newInterpreter();
    // The parser asks the current interpreter for its settings.
    try (AutoCloseableImpl<JinjavaInterpreter> current =
        JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
      Node root = current.value().parse(source);
      JinjaTemplate.check(interpreter.getErrors());
      new SyntaxCheck(jinjava).children(root);
    } catch (InterpretException e) {
      throw Failures.syntax(e.getMessage(), e);
    }
  }

  private void children(Node node) {
    for (Node child : node.getChildren()) {
      if (child instanceof ExpressionNode) {
        expression(((ExpressionToken) child.getMaster()).getExpr());
      } else if (child instanceof TagNode tag) {
        tag(tag);
        children(tag);
      }
    }
  }

  private void tag(TagNode tag) {
    String text = tag.getHelpers();
    switch (tag.getName()) {
      case IfTag.TAG_NAME, ElseIfTag.TAG_NAME -> expression(text);
      case SetTag.TAG_NAME -> {
        if (text.contains("=")) {
          expression("[" + text.substring(text.indexOf('=') + 1) + "]");
        }
      }
      case ForTag.TAG_NAME -> {
        LoopSource source =
            LoopSource.of(
                new ForTag().getLoopVarsAndExpression((TagToken) tag.getMaster()).getRight());
        expression(source.items());
        if (!source.condition().isEmpty()) {
          expression(source.condition());
        }
      }
      default -> {
        // The others hold names, or expressions too rare to parse ahead.
      }
    }
  }

  private void expression(String text) {
    try {
      jinjava.trees().get("#{" + text.strip() + "}");
    } catch (TreeBuilderException e) {
      throw Failures.syntax(e.getMessage(), e);
    }
  }
}
