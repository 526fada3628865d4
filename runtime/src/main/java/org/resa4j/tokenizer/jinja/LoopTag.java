package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.JinjavaInterpreter.InterpreterScopeClosable;
import com.hubspot.jinjava.lib.tag.ElseTag;
import com.hubspot.jinjava.lib.tag.ForTag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import com.hubspot.jinjava.tree.parse.TagToken;
import com.hubspot.jinjava.util.ForLoop;
import com.hubspot.jinjava.util.ObjectIterator;
import com.hubspot.jinjava.util.ObjectTruthValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.tuple.Pair;

/**
 * Jinja2's {@code for}. Beyond Jinjava's: what a pass sets is gone in the next, {@code for x in y
 * if z}, {@code else}, {@code loop.previtem} and {@code loop.nextitem}.
 */
final class LoopTag extends ForTag {
  private static final long serialVersionUID = 1L;

  @Override
  public String interpretUnchecked(TagNode tag, JinjavaInterpreter interpreter) {
    Pair<List<String>, String> head = getLoopVarsAndExpression((TagToken) tag.getMaster());
    List<String> names = head.getLeft();
    LoopSource source = LoopSource.of(head.getRight());
    List<Object> items = new ArrayList<>();
    ForLoop all =
        ObjectIterator.getLoop(
            interpreter.resolveELExpression(source.items(), tag.getLineNumber()));
    while (all.hasNext()) {
      Object item = interpreter.wrap(all.next());
      if (source.condition().isEmpty() || holds(source.condition(), names, item, interpreter)) {
        items.add(item);
      }
    }
    return items.isEmpty() ? otherwise(tag, interpreter) : passes(tag, interpreter, names, items);
  }

  private static boolean holds(
      String condition, List<String> names, Object item, JinjavaInterpreter interpreter) {
    try (InterpreterScopeClosable _ = interpreter.enterScope()) {
      bind(names, item, interpreter);
      return ObjectTruthValue.evaluate(interpreter.resolveELExpression(condition, -1));
    }
  }

  private static String passes(
      TagNode tag, JinjavaInterpreter interpreter, List<String> names, List<Object> items) {
    StringBuilder out = new StringBuilder();
    Loop loop = new Loop(items);
    while (loop.hasNext()) {
      try (InterpreterScopeClosable _ = interpreter.enterScope()) {
        interpreter.getContext().put(LOOP, loop);
        bind(names, loop.next(), interpreter);
        for (Node node : tag.getChildren()) {
          if (isElse(node)) {
            break;
          }
          out.append(node.render(interpreter));
          if (loop.isContinued()) {
            break;
          }
        }
      }
    }
    return out.toString();
  }

  private static String otherwise(TagNode tag, JinjavaInterpreter interpreter) {
    StringBuilder out = new StringBuilder();
    boolean reached = false;
    for (Node node : tag.getChildren()) {
      if (reached) {
        out.append(node.render(interpreter));
      }
      reached |= isElse(node);
    }
    return out.toString();
  }

  private static boolean isElse(Node node) {
    return node instanceof TagNode inner && inner.getName().equals(ElseTag.TAG_NAME);
  }

  private static void bind(List<String> names, Object item, JinjavaInterpreter interpreter) {
    if (names.size() == 1) {
      interpreter.getContext().put(names.getFirst(), item);
      return;
    }
    List<?> parts =
        switch (item) {
          case Map.Entry<?, ?> entry -> List.of(entry.getKey(), entry.getValue());
          case List<?> list -> list;
          default -> throw Failures.syntax("a loop over " + names + " needs tuples");
        };
    for (int i = 0; i < names.size(); i++) {
      interpreter.getContext().put(names.get(i), parts.get(i));
    }
  }
}
