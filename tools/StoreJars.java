import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites every jar below the given folders without compression, so that xz can compress all of
 * them together, and without the native libraries of other systems than this one.
 */
public final class StoreJars {
  private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib|a)");
  private static final Pattern ANY_SYSTEM =
      Pattern.compile(
          ".*/[^/]*(linux|darwin|mac|osx|win|bsd|sunos|aix|android)[^/]*/.*", Pattern.DOTALL);

  private StoreJars() {}

  public static void main(String[] folders) throws IOException {
    for (String folder : folders) {
      List<Path> jars;
      try (var files = Files.walk(Path.of(folder))) {
        jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
      }
      for (Path jar : jars) {
        store(jar);
      }
    }
  }

  private static void store(Path jar) throws IOException {
    Path stored = jar.resolveSibling(jar.getFileName() + ".stored");
    try (var from = new ZipFile(jar.toFile());
        var to = new ZipOutputStream(Files.newOutputStream(stored))) {
      to.setMethod(ZipOutputStream.STORED);
      for (ZipEntry entry : (Iterable<ZipEntry>) from.stream().<ZipEntry>map(e -> e)::iterator) {
        if (isForeign(entry.getName())) {
          continue;
        }
        byte[] bytes = from.getInputStream(entry).readAllBytes();
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        copy.setSize(bytes.length);
        copy.setCrc(crc.getValue());
        to.putNextEntry(copy);
        to.write(bytes);
        to.closeEntry();
      }
    }
    Files.move(stored, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Whether an entry is a native library in a folder that names another system than this. */
  private static boolean isForeign(String name) {
    String path = "/" + name.toLowerCase(Locale.ROOT);
    return NATIVE.matcher(path).matches()
        && ANY_SYSTEM.matcher(path).matches()
        && !thisSystem().matcher(path).matches();
  }

  /** A path with this system's name and, after it, its processor's, as libraries write them. */
  private static Pattern thisSystem() {
    String os =
        System.getProperty("os.name").startsWith("Mac") ? "(darwin|mac|macos|osx)" : "linux";
    String arch =
        switch (System.getProperty("os.arch")) {
          case "amd64", "x86_64" -> "(x86[-_]64|amd64|x64)";
          case "aarch64" -> "(aarch64|arm64)";
          case String other -> Pattern.quote(other);
        };
    return Pattern.compile(".*/" + os + "[-_/]" + arch + "/.*");
  }
}
