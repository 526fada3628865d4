package org.resa4j.cache;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Engine;
import org.resa4j.engine.KvType;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;

/**
 * A text's K and V in a file, so that it can be gone on with where it stopped. What a dense pass
 * wrote is saved, which is what a prompt that goes on with the text would find in the cache; so
 * both ways lead to the same tokens. Descriptors are not: they are rebuilt from K, and come out the
 * same.
 *
 * <p>The file: magic and version, the identity of model and settings, the number of tokens and
 * their ids; then for every {@link #RUN} tokens and every cache K and V, {@code [token][kvHead][d]}
 * in the cache's format; at last a CRC-32C of all that. Big-endian.
 */
public final class CacheFile {
  private static final long MAGIC = 0x52655341344A4B56L; // ReSA4JKV
  private static final int VERSION = 1;

  /** Tokens whose K and V stand together, cache by cache. */
  private static final int RUN = 64;

  private CacheFile() {}

  /**
   * Saves the longest dense prefix of a text that is cached. A file that is there is replaced when
   * the new one is whole.
   *
   * @param tokens the text's, prompt included
   * @return how many of them were saved
   * @throws InputException if nothing of it is cached, or the file cannot be written
   */
  public static int save(Path file, Engine engine, BlockCache cache, Model model, int[] tokens) {
    CachedSequence sequence = cache.open(tokens, cache.find(tokens, tokens.length));
    try {
      if (sequence.dense() == 0) {
        throw new InputException(file + ": nothing of the text is in the cache to be saved");
      }
      write(file, engine, CacheIdentity.of(model, engine.info()), sequence, tokens);
      return sequence.dense();
    } finally {
      sequence.release();
    }
  }

  private static void write(
      Path file, Engine engine, CacheIdentity identity, CachedSequence sequence, int[] tokens) {
    Path target = file.toAbsolutePath();
    Path part = null;
    try {
      part = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".part");
      CRC32C crc = new CRC32C();
      try (DataOutputStream out =
          new DataOutputStream(
              new CheckedOutputStream(
                  new BufferedOutputStream(Files.newOutputStream(part), 1 << 16), crc))) {
        out.writeLong(MAGIC);
        out.writeInt(VERSION);
        writeIdentity(out, identity);
        int count = sequence.dense();
        out.writeInt(count);
        for (int i = 0; i < count; i++) {
          out.writeInt(tokens[i]);
        }
        for (int from = 0; from < count; from += RUN) {
          writeRun(out, engine, identity, sequence.table(), from, Math.min(RUN, count - from));
        }
        out.writeLong(crc.getValue());
      }
      move(part, target);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage(), e);
    } finally {
      deleteQuietly(part);
    }
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      if (part != null) {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      // What went wrong before is what is told.
    }
  }

  private static void writeIdentity(DataOutputStream out, CacheIdentity identity)
      throws IOException {
    out.writeUTF(identity.model());
    out.writeUTF(identity.weights());
    out.writeUTF(identity.positions());
    out.writeUTF(identity.kvType().name());
    out.writeInt(identity.caches());
    out.writeInt(identity.kvHeads());
    out.writeInt(identity.headDim());
  }

  private static void writeRun(
      DataOutputStream out,
      Engine engine,
      CacheIdentity identity,
      BlockTable table,
      int from,
      int count)
      throws IOException {
    for (int layer = 0; layer < identity.caches(); layer++) {
      CacheRows rows = CacheRows.read(engine, identity.kvHeads(), layer, table, from, count);
      writeValues(out, identity, rows.key());
      writeValues(out, identity, rows.value());
    }
  }

  private static void writeValues(DataOutputStream out, CacheIdentity identity, float[] values)
      throws IOException {
    for (float value : values) {
      if (identity.kvType() == KvType.F16) {
        out.writeShort(Float.floatToFloat16(value));
      } else {
        out.writeInt(Float.floatToRawIntBits(value));
      }
    }
  }

  /**
   * Brings a saved text's K and V into the cache, where prompts that begin with it find them.
   *
   * @return the tokens that are cached now: the text's, as far as the context holds them
   * @throws InputException if the file cannot be read, is damaged, or is of another model or
   *     settings, with the reason; then nothing has changed
   */
  public static int[] restore(Path file, Engine engine, BlockCache cache, Model model) {
    CRC32C crc = new CRC32C();
    try (DataInputStream in =
        new DataInputStream(
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), 1 << 16), crc))) {
      if (in.readLong() != MAGIC) {
        throw new InputException(file + ": not a saved cache");
      }
      int version = in.readInt();
      if (version != VERSION) {
        throw new InputException(
            "%s: a saved cache of version %d; this program reads version %d"
                .formatted(file, version, VERSION));
      }
      CacheIdentity identity = CacheIdentity.of(model, engine.info());
      check(file, readIdentity(in), identity);
      return read(file, in, crc, engine, cache, identity);
    } catch (EOFException e) {
      throw new InputException(file + ": is cut short", e);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static int[] read(
      Path file,
      DataInputStream in,
      CRC32C crc,
      Engine engine,
      BlockCache cache,
      CacheIdentity identity)
      throws IOException {
    int count = in.readInt();
    if (count < 1) {
      throw new InputException(file + ": is damaged: it cannot have %d tokens".formatted(count));
    }
    if (count > Files.size(file) / Integer.BYTES) {
      throw new EOFException();
    }
    int kept = Math.min(count, engine.info().options().contextLength());
    int[] tokens = new int[kept];
    for (int i = 0; i < count; i++) {
      int token = in.readInt();
      if (i < kept) {
        tokens[i] = token;
      }
    }
    CachedSequence sequence = cache.open(tokens, 0);
    try {
      if (!sequence.reserve(kept)) {
        throw new InputException(
            "%s: has %d tokens, for which the cache has no room now".formatted(file, kept));
      }
      for (int from = 0; from < count; from += RUN) {
        int run = Math.min(RUN, count - from);
        readRun(in, engine, identity, sequence.table(), from, run, Math.min(run, kept - from));
      }
      long sum = crc.getValue();
      if (in.readLong() != sum || in.read() >= 0) {
        throw new InputException(file + ": is damaged: its checksum is not that of its contents");
      }
      sequence.markDense(tokens, kept);
      return tokens;
    } finally {
      sequence.release();
    }
  }

  private static CacheIdentity readIdentity(DataInputStream in) throws IOException {
    String model = in.readUTF();
    String weights = in.readUTF();
    String positions = in.readUTF();
    String type = in.readUTF();
    return new CacheIdentity(
        model,
        weights,
        positions,
        type.equals(KvType.F16.name()) ? KvType.F16 : KvType.F32,
        in.readInt(),
        in.readInt(),
        in.readInt());
  }

  private static void check(Path file, CacheIdentity saved, CacheIdentity own) {
    String differs;
    if (!saved.weights().equals(own.weights())) {
      differs =
          saved.model().equals(own.model())
              ? "a model of the same name, %s, with other weights".formatted(saved.model())
              : "the model %s, not %s".formatted(saved.model(), own.model());
    } else if (!saved.positions().equals(own.positions())) {
      differs = "other positions: they are scaled by the context's length";
    } else if (saved.kvType() != own.kvType()) {
      differs = "a cache in %s, not in %s".formatted(saved.kvType(), own.kvType());
    } else if (saved.width() != own.width() || saved.caches() != own.caches()) {
      differs = "a cache of another shape";
    } else {
      return;
    }
    throw new InputException(file + ": was saved with " + differs);
  }

  private static void readRun(
      DataInputStream in,
      Engine engine,
      CacheIdentity identity,
      BlockTable table,
      int from,
      int count,
      int kept)
      throws IOException {
    for (int layer = 0; layer < identity.caches(); layer++) {
      float[] key = readValues(in, identity, count);
      float[] value = readValues(in, identity, count);
      new CacheRows(key, value).load(engine, layer, table, from, count, kept);
    }
  }

  private static float[] readValues(DataInputStream in, CacheIdentity identity, int count)
      throws IOException {
    float[] values = new float[count * identity.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          identity.kvType() == KvType.F16
              ? Float.float16ToFloat(in.readShort())
              : Float.intBitsToFloat(in.readInt());
    }
    return values;
  }

  /** K and V of consecutive tokens in one cache, {@code [token][kvHead][d]}. */
  private record CacheRows(float[] key, float[] value) {

    static CacheRows read(
        Engine engine, int heads, int layer, BlockTable table, int from, int count) {
      int each = engine.info().options().pageTokens();
      float[] key = null;
      float[] value = null;
      // Page by page: a snapshot begins with a table's first token.
      for (int done = 0; done < count; ) {
        int at = from + done;
        BlockTable page = new BlockTable(table.pages());
        page.add(table.page(at / each));
        int first = at % each;
        int part = Math.min(count - done, each - first);
        CacheSnapshot snapshot = engine.snapshot(layer, page, first + part);
        int width = snapshot.key().length / (first + part);
        if (key == null) {
          key = new float[count * width];
          value = new float[count * width];
        }
        turn(snapshot.key(), first, part, first + part, heads, key, done);
        turn(snapshot.value(), first, part, first + part, heads, value, done);
        done += part;
      }
      return new CacheRows(key, value);
    }

    private static void turn(
        float[] from, int first, int part, int tokens, int heads, float[] to, int at) {
      int headDim = from.length / tokens / heads;
      for (int head = 0; head < heads; head++) {
        for (int t = 0; t < part; t++) {
          System.arraycopy(
              from,
              (head * tokens + first + t) * headDim,
              to,
              ((at + t) * heads + head) * headDim,
              headDim);
        }
      }
    }

    /**
     * @param kept of the {@code count} tokens that these rows are of
     */
    void load(Engine engine, int layer, BlockTable table, int from, int count, int kept) {
      int most = engine.info().options().encodeTokens();
      int width = key.length / count;
      for (int done = 0; done < kept; done += most) {
        int part = Math.min(most, kept - done);
        float[] k = new float[part * width];
        float[] v = new float[part * width];
        System.arraycopy(key, done * width, k, 0, k.length);
        System.arraycopy(value, done * width, v, 0, v.length);
        engine.load(layer, table, from + done, part, k, v);
      }
    }
  }
}
