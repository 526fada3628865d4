package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.el.ext.AdditionOperator;
import com.hubspot.jinjava.el.ext.AstNamedParameter;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import com.hubspot.jinjava.el.ext.NamedParameterOperator;
import java.util.ArrayList;
import java.util.List;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Scanner;
import jinjava.de.odysseus.el.tree.impl.Scanner.ScanException;
import jinjava.de.odysseus.el.tree.impl.Scanner.Symbol;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.de.odysseus.el.tree.impl.ast.AstBracket;
import jinjava.de.odysseus.el.tree.impl.ast.AstDot;
import jinjava.de.odysseus.el.tree.impl.ast.AstIdentifier;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstParameters;
import jinjava.de.odysseus.el.tree.impl.ast.AstProperty;
import jinjava.de.odysseus.el.tree.impl.ast.AstUnary;

/**
 * Jinja2's expressions where Jinjava's differ: slices with a step, {@code not} after comparisons
 * and tests, expressions as named arguments, {@link PythonOperators}, {@link PythonScanner} and
 * {@link Required}.
 */
final class PythonParser extends ExtendedParser {
  PythonParser(Builder context, String input) {
    super(context, input);
  }

  @Override
  protected Scanner createScanner(String expression) {
    return new PythonScanner(expression);
  }

  @Override
  protected AstNode eq(boolean required) throws ScanException, ParseException {
    if (getToken().getSymbol() == Symbol.NOT) {
      consumeToken();
      return createAstUnary(eq(true), AstUnary.NOT);
    }
    return super.eq(required);
  }

  @Override
  protected AstBinary createAstBinary(AstNode left, AstNode right, AstBinary.Operator operator) {
    AstBinary.Operator python = operator;
    if (operator == AdditionOperator.OP) {
      python = PythonOperators.ADD;
    } else if (operator == AstBinary.EQ) {
      python = PythonOperators.EQ;
    } else if (operator == AstBinary.NE) {
      python = PythonOperators.NE;
    } else if (operator == AstBinary.AND) {
      python = PythonOperators.AND;
    }
    return super.createAstBinary(left, right, python);
  }

  @Override
  protected AstDot createAstDot(AstNode base, String property, boolean lvalue) {
    return super.createAstDot(new Required(base), property, lvalue);
  }

  @Override
  protected AstBracket createAstBracket(
      AstNode base, AstNode property, boolean lvalue, boolean strict) {
    return super.createAstBracket(new Required(base), property, lvalue, strict);
  }

  /** Arguments; the value of a named one is a whole expression. */
  @Override
  protected AstParameters params(Symbol left, Symbol right) throws ScanException, ParseException {
    consumeToken(left);
    List<AstNode> arguments = new ArrayList<>();
    while (getToken().getSymbol() != right) {
      if (!arguments.isEmpty()) {
        consumeToken(Symbol.COMMA);
        if (getToken().getSymbol() == right) {
          break;
        }
      }
      arguments.add(argument());
    }
    consumeToken();
    return createAstParameters(arguments);
  }

  private AstNode argument() throws ScanException, ParseException {
    if (getToken().getSymbol() != Symbol.IDENTIFIER
        || lookahead(0) != NamedParameterOperator.TOKEN) {
      return expr(true);
    }
    AstIdentifier name = identifier(consumeToken().getImage());
    consumeToken();
    return new AstNamedParameter(name, expr(true));
  }

  @Override
  protected AstNode value() throws ScanException, ParseException {
    AstNode node = nonliteral();
    boolean literal = node == null;
    if (literal) {
      node = literal();
    }
    while (node != null) {
      if (getToken().getSymbol() == Symbol.DOT) {
        consumeToken();
        AstDot dot = createAstDot(node, consumeToken(Symbol.IDENTIFIER).getImage(), !literal);
        node = called(dot);
      } else if (getToken().getSymbol() == Symbol.LBRACK) {
        node = subscript(node, literal);
      } else {
        break;
      }
    }
    return node;
  }

  private AstNode called(AstProperty property) throws ScanException, ParseException {
    return getToken().getSymbol() == Symbol.LPAREN ? createAstMethod(property, params()) : property;
  }

  private AstNode subscript(AstNode node, boolean literal) throws ScanException, ParseException {
    consumeToken(Symbol.LBRACK);
    AstNode start = expr(false);
    if (getToken().getSymbol() != Symbol.COLON) {
      consumeToken(Symbol.RBRACK);
      return called(createAstBracket(node, start, !literal, true));
    }
    consumeToken();
    AstNode stop = expr(false);
    AstNode step = null;
    if (getToken().getSymbol() == Symbol.COLON) {
      consumeToken();
      step = expr(false);
    }
    consumeToken(Symbol.RBRACK);
    return new Slice(node, start, stop, step);
  }
}
