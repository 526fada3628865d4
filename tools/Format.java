import com.google.googlejavaformat.java.Formatter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Checks (`check`) or applies (`apply`) google-java-format over every module's sources. */
public final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args.length == 1 && args[0].equals("apply");
    if (!apply && !(args.length == 1 && args[0].equals("check"))) {
      throw new IllegalArgumentException("usage: Format check|apply");
    }
    List<Path> sources = new ArrayList<>();
    // Everything but what the build makes and what is hidden: a new module is not to be forgotten.
    Files.walkFileTree(
        Path.of(""),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            return name.equals("target") || name.startsWith(".")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              sources.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Formatter formatter = new Formatter();
    List<Path> different = new ArrayList<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      // jbang's directives stand next to their slashes, where the formatter puts a blank.
      int code = text.startsWith("///usr/bin/env jbang") ? text.indexOf("\n\n") + 2 : 0;
      String formatted =
          text.substring(0, code) + formatter.formatSourceAndFixImports(text.substring(code));
      if (!formatted.equals(text)) {
        different.add(source);
        if (apply) {
          Files.writeString(source, formatted);
        }
      }
    }
    if (!different.isEmpty() && !apply) {
      different.forEach(source -> System.err.println("not formatted: " + source));
      System.err.println("run: ./mvnw -q process-sources -N -Dformat=apply");
      System.exit(1);
    }
  }
}
