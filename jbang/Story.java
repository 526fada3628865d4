///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Writes a text after a prompt, as it comes: a script to begin from
//JAVA 25
//DEPS org.resa4j:resa4j-runtime:0.1.0-SNAPSHOT
//RUNTIME_OPTIONS --add-exports java.base/jdk.internal.module=ALL-UNNAMED --enable-native-access=ALL-UNNAMED
//RUNTIME_OPTIONS -XX:+UseParallelGC -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8

import org.resa4j.Resa;

void main(String[] args) {
  if (args.length != 2) {
    System.err.println("usage: Story MODEL PROMPT");
    System.exit(2);
  }
  try (Resa resa = Resa.builder(Path.of(args[0])).build()) {
    resa.generate(args[1], resa.defaults(), System.out::print);
    System.out.println();
  }
}
