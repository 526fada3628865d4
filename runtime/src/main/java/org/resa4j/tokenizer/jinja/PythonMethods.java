package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;
import jinjava.javax.el.ELResolver;

/**
 * Python's methods of strings and dictionaries, and a loop's neighbouring items. Keeps Java's own
 * string methods, several of which bear Python's names with another meaning, out of templates.
 */
final class PythonMethods extends ELResolver {
  private PythonMethods() {}

  static ELResolver resolver() {
    CompositeELResolver resolver = new CompositeELResolver();
    resolver.add(new PythonMethods());
    resolver.add(JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY);
    return resolver;
  }

  @Override
  public Object invoke(
      ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
    if (base instanceof String text) {
      context.setPropertyResolved(true);
      return string(text, method.toString(), arguments);
    }
    if (base instanceof Map<?, ?> map && method.equals("get")) {
      context.setPropertyResolved(true);
      Object value = map.get(arguments[0]);
      return value == null && arguments.length > 1 ? arguments[1] : value;
    }
    return null;
  }

  private static Object string(String text, String method, Object[] arguments) {
    return switch (method) {
      case "startswith" -> affixes(arguments).stream().anyMatch(text::startsWith);
      case "endswith" -> affixes(arguments).stream().anyMatch(text::endsWith);
      case "strip" -> PythonStrings.strip(text, text(arguments, 0));
      case "lstrip" -> PythonStrings.lstrip(text, text(arguments, 0));
      case "rstrip" -> PythonStrings.rstrip(text, text(arguments, 0));
      case "split" -> PythonStrings.split(text, text(arguments, 0), limit(arguments, 1));
      case "replace" ->
          PythonStrings.replace(
              text, required(arguments, 0), required(arguments, 1), limit(arguments, 2));
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "find" -> (long) text.indexOf(required(arguments, 0));
      case "join" -> join(text, arguments);
      default -> throw new ELException("str has no method " + method + " here");
    };
  }

  private static String text(Object[] arguments, int index) {
    return index < arguments.length ? (String) arguments[index] : null;
  }

  private static String required(Object[] arguments, int index) {
    String text = text(arguments, index);
    if (text == null) {
      throw new ELException("argument " + (index + 1) + " is missing");
    }
    return text;
  }

  private static int limit(Object[] arguments, int index) {
    return index < arguments.length ? ((Number) arguments[index]).intValue() : -1;
  }

  /** One affix, or a tuple of them. */
  private static List<String> affixes(Object[] arguments) {
    if (arguments.length > 0 && arguments[0] instanceof List<?> several) {
      return several.stream().map(Object::toString).toList();
    }
    return List.of(required(arguments, 0));
  }

  private static String join(String separator, Object[] arguments) {
    List<String> parts = new ArrayList<>();
    for (Object part : (Iterable<?>) arguments[0]) {
      parts.add(Objects.toString(part));
    }
    return String.join(separator, parts);
  }

  @Override
  public Object getValue(ELContext context, Object base, Object property) {
    if (base instanceof Loop loop && property.equals("previtem")) {
      context.setPropertyResolved(true);
      return loop.previous();
    }
    if (base instanceof Loop loop && property.equals("nextitem")) {
      context.setPropertyResolved(true);
      return loop.following();
    }
    if (base instanceof String text && isIndex(property.toString())) {
      context.setPropertyResolved(true);
      int index = Integer.parseInt(property.toString());
      index += index < 0 ? text.length() : 0;
      return index >= 0 && index < text.length() ? text.substring(index, index + 1) : null;
    }
    return null;
  }

  private static boolean isIndex(String property) {
    return property.matches("-?\\d{1,9}");
  }

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    return true;
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {
    // Templates write to variables and namespaces only.
  }

  @Override
  public Class<?> getType(ELContext context, Object base, Object property) {
    return null;
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, Object base) {
    return null;
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
    return null;
  }
}
