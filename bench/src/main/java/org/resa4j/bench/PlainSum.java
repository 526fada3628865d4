package org.resa4j.bench;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Adds up memory as 64-bit words on all cores: what reading the same bytes costs at the least. */
final class PlainSum implements AutoCloseable {
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;

  private final int threads = Runtime.getRuntime().availableProcessors();
  private final ExecutorService pool =
      Executors.newFixedThreadPool(
          threads, body -> Thread.ofPlatform().daemon().name("plain-sum").unstarted(body));

  /** The sum of all words of all segments. */
  long sum(List<MemorySegment> segments) {
    List<Future<Long>> parts =
        IntStream.range(0, threads)
            .mapToObj(part -> pool.submit(() -> sumPart(segments, part)))
            .toList();
    long sum = 0;
    try {
      for (Future<Long> part : parts) {
        sum += part.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while adding up", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a part failed", e);
    }
    return sum;
  }

  private long sumPart(List<MemorySegment> segments, int part) {
    long sum = 0;
    for (MemorySegment segment : segments) {
      long share = segment.byteSize() / threads / 256 * 256;
      sum += sum(segment, part * share, share);
    }
    return sum;
  }

  private static long sum(MemorySegment segment, long from, long bytes) {
    LongVector a = LongVector.zero(L);
    LongVector b = a;
    long step = L.vectorByteSize();
    long end = from + bytes / (2 * step) * (2 * step);
    for (long at = from; at < end; at += 2 * step) {
      a = a.add(LongVector.fromMemorySegment(L, segment, at, ByteOrder.nativeOrder()));
      b = b.add(LongVector.fromMemorySegment(L, segment, at + step, ByteOrder.nativeOrder()));
    }
    return a.add(b).reduceLanes(VectorOperators.ADD);
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
