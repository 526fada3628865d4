package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.Objects;

/** Jinja2's {@code trim}, which is {@code str.strip}. */
final class TrimFilter implements Filter {
  @Override
  public String getName() {
    return "trim";
  }

  @Override
  public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
    return PythonStrings.strip(
        Objects.toString(value, ""), arguments.length > 0 ? arguments[0] : null);
  }
}
