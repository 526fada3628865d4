package org.resa4j.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.resa4j.error.InputException;
import org.resa4j.error.ModelChangedException;
import org.resa4j.error.Setting;

/** A file of weights, mapped or copied into memory. */
public final class MappedFile {
  /** A Git LFS pointer's first line is shorter. */
  private static final int LFS_BYTES = 64;

  /** Of a copy, at once: a buffer holds less than 2 GiB. */
  private static final long COPY_BYTES = 256L << 20;

  private final Path path;
  private final FileState state;
  private final Arena arena;
  private final MemorySegment bytes;

  /** What tells that a file was written since it was opened. */
  private record FileState(long size, FileTime modified, Optional<Object> key) {
    static FileState of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileState(now.size(), now.lastModifiedTime(), Optional.ofNullable(now.fileKey()));
    }

    /** Whether it is the same file with another content; not where it was replaced as a whole. */
    boolean wasWritten(FileState now) {
      return key.equals(now.key) && !equals(now);
    }
  }

  private MappedFile(Path path, FileState state, Arena arena, MemorySegment bytes) {
    this.path = path;
    this.state = state;
    this.arena = arena;
    this.bytes = bytes;
  }

  /**
   * Brings a file into memory, for as long as an arena is open.
   *
   * @throws InputException if it is missing, no plain file, a Git LFS pointer, or there is no
   *     memory for a copy
   */
  public static MappedFile open(Path file, Arena arena, WeightAccess access) {
    Json.checkPlain(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      FileState state = FileState.of(file);
      MemorySegment bytes =
          access == WeightAccess.MAPPED
              ? channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
              : copy(file, channel, arena);
      checkContent(file, bytes);
      return new MappedFile(file, state, arena, bytes);
    } catch (IOException e) {
      throw Json.unreadable(file, e);
    }
  }

  private static MemorySegment copy(Path file, FileChannel channel, Arena arena)
      throws IOException {
    long size = channel.size();
    MemorySegment bytes = allocate(file, arena, size);
    for (long at = 0; at < size; ) {
      ByteBuffer part = bytes.asSlice(at, Math.min(COPY_BYTES, size - at)).asByteBuffer();
      int read = channel.read(part, at);
      if (read < 0) {
        throw new InputException(file + ": became shorter while it was read");
      }
      at += read;
    }
    return bytes;
  }

  private static void checkContent(Path file, MemorySegment bytes) {
    byte[] beginning =
        bytes.asSlice(0, Math.min(bytes.byteSize(), LFS_BYTES)).toArray(ValueLayout.JAVA_BYTE);
    if (Json.isLfsPointer(new String(beginning, StandardCharsets.UTF_8))) {
      throw new InputException(file + ": " + Json.LFS_REMEDY);
    }
  }

  private static MemorySegment allocate(Path file, Arena arena, long bytes) {
    try {
      return arena.allocate(bytes, 64);
    } catch (OutOfMemoryError e) {
      throw new InputException(
          "%s: no memory for a copy of %d bytes of it".formatted(file, bytes), e);
    }
  }

  /**
   * Memory for a copy of a part of it, there for as long as it is.
   *
   * @throws InputException if there is none
   */
  public MemorySegment allocate(long size) {
    return allocate(path, arena, size);
  }

  public Path path() {
    return path;
  }

  /** All of it. */
  public MemorySegment bytes() {
    return bytes;
  }

  /**
   * Refuses to go on with a file that was written or cut since it was opened. Where it is mapped,
   * what a program reads of it has changed too, and to read what was cut off ends the process. One
   * that was deleted, or replaced by another, is mapped still and does no harm.
   *
   * @throws InputException as said
   */
  public void checkUnchanged() {
    FileState now;
    try {
      now = FileState.of(path);
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw Json.unreadable(path, e);
    }
    if (state.wasWritten(now)) {
      throw new ModelChangedException(
          path + ": was written while it is in use; load the model again, or copy its weights",
          List.of(Setting.WEIGHT_ACCESS));
    }
  }
}
