package org.resa4j.cache;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.KvType;
import org.resa4j.error.InputException;
import org.resa4j.format.ReplacedFile;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.Quantiser;
import org.resa4j.model.Tensor;

/**
 * Texts' K and V in files, so that they can be gone on with where they stopped. What a dense pass
 * wrote is saved, which is what a prompt that goes on with the text would find in the cache; so
 * both ways lead to the same tokens. Descriptors are not: they are rebuilt from K, and come out the
 * same.
 *
 * <p>A file: magic and version, the identity of model and settings, the number of tokens and their
 * ids; then for every {@link #RUN} tokens and every cache K and V, {@code [token][kvHead][d]} in
 * the cache's format; at last a CRC-32C of all that. Big-endian.
 *
 * <p>Thread-safe as its {@link Access} is: files are read and written by the calling thread, and
 * the engine is asked for little at a time, so that other texts go on meanwhile.
 */
public final class CacheFiles {
  private static final long MAGIC = 0x52655341344A4B56L; // ReSA4JKV
  private static final int VERSION = 2;

  /** Tokens whose K and V stand together, cache by cache. */
  private static final int RUN = 64;

  private static final int BUFFER = 1 << 16;

  private final Model model;
  private final EngineInfo info;
  private final Access access;
  private CacheIdentity identity;

  /** The one who may touch an engine and its cache. */
  public interface Access {
    /** Asks between two calls of the engine, and waits for the answer. */
    <T> T ask(BiFunction<Engine, BlockCache, T> question);
  }

  /**
   * Files of one engine.
   *
   * @param model that the engine runs
   */
  public CacheFiles(Model model, EngineInfo info, Access access) {
    this.model = model;
    this.info = info;
    this.access = access;
  }

  /** Reads all weights, once. */
  private synchronized CacheIdentity identity() {
    if (identity == null) {
      identity = CacheIdentity.of(model, info);
    }
    return identity;
  }

  /**
   * Saves the longest dense prefix of a text that is cached. A file that is there is replaced when
   * the new one is whole; of a link, the file that it leads to.
   *
   * @param tokens the text's, prompt included
   * @return how many of them were saved
   * @throws InputException if nothing of it is cached, or the file cannot be written; a file that
   *     was there is still there then
   */
  public int save(Path file, int[] tokens) {
    CachedSequence sequence = access.ask((engine, cache) -> cache.borrow(tokens));
    try {
      if (sequence.dense() == 0) {
        throw new InputException(file + ": nothing of the text is in the cache to be saved");
      }
      ReplacedFile.write(file, out -> write(out, identity(), sequence, tokens));
      return sequence.dense();
    } finally {
      release(sequence);
    }
  }

  private void release(CachedSequence sequence) {
    access.ask(
        (engine, cache) -> {
          sequence.release();
          return null;
        });
  }

  private void write(OutputStream to, CacheIdentity identity, CachedSequence sequence, int[] tokens)
      throws IOException {
    CRC32C crc = new CRC32C();
    DataOutputStream out = new DataOutputStream(new CheckedOutputStream(to, crc));
    out.writeLong(MAGIC);
    out.writeInt(VERSION);
    writeIdentity(out, identity);
    int count = sequence.dense();
    out.writeInt(count);
    for (int i = 0; i < count; i++) {
      out.writeInt(tokens[i]);
    }
    for (int from = 0; from < count; from += RUN) {
      int first = from;
      int run = Math.min(RUN, count - from);
      for (int layer = 0; layer < identity.caches(); layer++) {
        int of = layer;
        CacheRows rows =
            access.ask(
                (engine, cache) -> {
                  sequence.checkCurrent();
                  return CacheRows.read(
                      engine, identity.kvHeads(), of, sequence.table(), first, run);
                });
        writeValues(out, identity, rows.key());
        writeValues(out, identity, rows.value());
      }
    }
    out.writeLong(crc.getValue());
    out.flush();
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

  private static void writeValues(DataOutputStream out, CacheIdentity identity, float[] values)
      throws IOException {
    if (identity.kvType() == KvType.Q8) {
      // What was read out of blocks gives the same blocks again.
      byte[] bytes = new byte[Math.toIntExact(DType.Q8_0.bytes(values.length))];
      Quantiser.of(DType.Q8_0).write(values, 0, values.length, MemorySegment.ofArray(bytes), 0);
      out.write(bytes);
      return;
    }
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
   *     settings, with the reason, or if there is no room for it beside the texts in the making;
   *     then nothing has changed
   */
  public int[] restore(Path file) {
    Header header = Header.read(file);
    check(file, header.identity, identity());
    int kept = Math.min(header.tokens.length, info.options().contextLength());
    int[] tokens = Arrays.copyOf(header.tokens, kept);
    CachedSequence sequence =
        access.ask(
            (engine, cache) ->
                cache
                    .openAll(tokens)
                    .orElseThrow(
                        () ->
                            new InputException(
                                "%s: has %d tokens, for which the cache has no room beside the texts"
                                        .formatted(file, kept)
                                    + " in the making")));
    try (DataInputStream in = Header.skip(file, header)) {
      int count = header.tokens.length;
      for (int from = 0; from < kept; from += RUN) {
        readRun(in, sequence, from, Math.min(RUN, count - from), Math.min(RUN, kept - from));
      }
      access.ask(
          (engine, cache) -> {
            sequence.markDense(tokens, kept);
            return null;
          });
      return tokens;
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    } finally {
      release(sequence);
    }
  }

  /**
   * The tokens of a saved text.
   *
   * @throws InputException if the file cannot be read or is damaged
   */
  public static int[] tokens(Path file) {
    return Header.read(file).tokens;
  }

  /**
   * A file's beginning; it has been read through, and is whole.
   *
   * @param bytes that it takes
   */
  private record Header(CacheIdentity identity, int[] tokens, long bytes) {

    static Header read(Path file) {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new InputException(file + ": is no regular file");
      }
      try (DataInputStream in = open(file)) {
        if (in.readLong() != MAGIC) {
          throw new InputException(file + ": not a saved cache");
        }
        int version = in.readInt();
        if (version != VERSION) {
          throw new InputException(
              "%s: a saved cache of version %d; this program reads version %d"
                  .formatted(file, version, VERSION));
        }
        return read(file, in);
      } catch (EOFException e) {
        throw new InputException(file + ": is cut short", e);
      } catch (NoSuchFileException e) {
        throw new InputException(file + ": no such file", e);
      } catch (AccessDeniedException e) {
        throw new InputException(file + ": cannot be read: permission denied", e);
      } catch (UTFDataFormatException | IllegalArgumentException | ArithmeticException e) {
        throw damaged(file);
      } catch (IOException e) {
        throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
      }
    }

    private static Header read(Path file, DataInputStream in) throws IOException {
      CacheIdentity identity = readIdentity(in);
      int count = in.readInt();
      long size = Files.size(file);
      if (count > size / Integer.BYTES) {
        throw new EOFException();
      }
      if (count < 1) {
        throw damaged(file);
      }
      int[] tokens = new int[count];
      for (int i = 0; i < count; i++) {
        tokens[i] = in.readInt();
      }
      long bytes = headerBytes(identity, count);
      long perToken =
          Math.multiplyExact(
              2L * identity.caches(),
              identity
                  .kvType()
                  .format()
                  .bytes(Math.multiplyExact((long) identity.kvHeads(), identity.headDim())));
      long whole = Math.addExact(bytes + Long.BYTES, Math.multiplyExact(perToken, (long) count));
      if (size < whole) {
        throw new EOFException();
      }
      if (size > whole || !sumIsRight(file, whole)) {
        throw new InputException(file + ": is damaged: its checksum is not that of its contents");
      }
      return new Header(identity, tokens, bytes);
    }

    private static long headerBytes(CacheIdentity identity, int count) throws IOException {
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      writeIdentity(new DataOutputStream(written), identity);
      return Long.BYTES + 2 * Integer.BYTES + written.size() + (long) count * Integer.BYTES;
    }

    private static InputException damaged(Path file) {
      return new InputException(file + ": is damaged");
    }

    private static boolean sumIsRight(Path file, long size) throws IOException {
      CRC32C crc = new CRC32C();
      byte[] buffer = new byte[BUFFER];
      try (DataInputStream in = open(file)) {
        for (long left = size - Long.BYTES; left > 0; ) {
          int part = (int) Math.min(buffer.length, left);
          in.readFully(buffer, 0, part);
          crc.update(buffer, 0, part);
          left -= part;
        }
        return in.readLong() == crc.getValue();
      }
    }

    /** The file after its header. */
    static DataInputStream skip(Path file, Header header) throws IOException {
      DataInputStream in = open(file);
      try {
        in.skipNBytes(header.bytes);
        return in;
      } catch (IOException e) {
        in.close();
        throw e;
      }
    }

    private static DataInputStream open(Path file) throws IOException {
      return new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER));
    }
  }

  private static CacheIdentity readIdentity(DataInputStream in) throws IOException {
    String model = in.readUTF();
    String weights = in.readUTF();
    String positions = in.readUTF();
    String type = in.readUTF();
    return new CacheIdentity(
        model, weights, positions, KvType.valueOf(type), in.readInt(), in.readInt(), in.readInt());
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

  /**
   * @param count tokens of the run
   * @param kept the first of them that the context holds
   */
  private void readRun(DataInputStream in, CachedSequence sequence, int from, int count, int kept)
      throws IOException {
    // What the cache had of the text before stays as it is.
    int known = Math.clamp(sequence.dense() - from, 0, kept);
    for (int layer = 0; layer < identity().caches(); layer++) {
      int of = layer;
      CacheRows rows =
          new CacheRows(readValues(in, identity(), count), readValues(in, identity(), count));
      if (known < kept) {
        access.ask(
            (engine, cache) -> {
              sequence.checkCurrent();
              rows.load(engine, of, sequence.table(), from, count, known, kept);
              return null;
            });
      }
    }
  }

  private static float[] readValues(DataInputStream in, CacheIdentity identity, int count)
      throws IOException {
    float[] values = new float[count * identity.width()];
    if (identity.kvType() == KvType.Q8) {
      byte[] bytes = in.readNBytes(Math.toIntExact(DType.Q8_0.bytes(values.length)));
      new Tensor("K or V", DType.Q8_0, new long[] {values.length}, MemorySegment.ofArray(bytes))
          .widen(0, values.length, values, 0);
      return values;
    }
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
     * @param count tokens that these rows are of
     * @param first of them to load
     * @param kept the end of those to load
     */
    void load(
        Engine engine, int layer, BlockTable table, int from, int count, int first, int kept) {
      int most = engine.info().options().encodeTokens();
      int width = key.length / count;
      for (int done = first; done < kept; done += most) {
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
