///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION ReSA4J's command line and server, on the JVM engine
//JAVA 25
//DEPS org.resa4j:resa4j-server:0.1.0-SNAPSHOT
//RUNTIME_OPTIONS --add-exports java.base/jdk.internal.module=ALL-UNNAMED --enable-native-access=ALL-UNNAMED
//RUNTIME_OPTIONS -XX:+UseParallelGC -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8

import java.util.Arrays;
import org.resa4j.cli.Main;
import org.resa4j.server.ServeMain;

/** The commands of {@code ./resa} that need no checkout: the command line's own, and the server. */
class resa {
  private resa() {}

  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("serve")) {
      ServeMain.main(Arrays.copyOfRange(args, 1, args.length));
    } else {
      Main.main(args);
    }
  }
}
