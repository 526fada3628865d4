package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Sheet;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Sampling;

/**
 * Many threads on one {@link Resa}, with cancels, and a close in the middle: every text that ends
 * is the one that the same request gives alone, every other call ends with a clear exception, and
 * nothing stays behind. An engine's module extends this with its provider.
 *
 * <p>{@code -Dresa.test.rounds=20} for a longer run.
 */
public abstract class ManyThreadsContractTest {
  private static final int THREADS = 8;
  private static final int ROUNDS = Integer.getInteger("resa.test.rounds", 1);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final GenerationOptions OPTIONS =
      new GenerationOptions(24, new ResaConfig(16, 0.3, 2, 1, 8), Sampling.GREEDY);

  protected abstract EngineProvider provider();

  /** Requests of each thread; devices that compute slowly take fewer. */
  protected int requests() {
    return 50;
  }

  private record Job(int sheet, int tokens, long seed) {
    GenerationRequest request() {
      Sampling sampling = seed == 0 ? Sampling.GREEDY : new Sampling(0.8, 0, 0.95, seed);
      return new GenerationRequest(
          Prompt.text(SHEETS.get(sheet).prompt()),
          OPTIONS.withMaxTokens(tokens).withSampling(sampling));
    }
  }

  private static final List<Sheet> SHEETS =
      List.of(Sheet.of(20, 1), Sheet.of(20, 3), Sheet.of(22, 5), Sheet.of(21, 6));

  private static Job random(Random random) {
    return new Job(random.nextInt(SHEETS.size()), 1 + random.nextInt(24), random.nextInt(3));
  }

  private Resa open(Checkpoint checkpoint, Device device) {
    return Resa.builder(checkpoint)
        .engine(provider().name())
        .device(device.id())
        .contextLength(512)
        .build();
  }

  @TestFactory
  Stream<DynamicTest> everyTextIsThatOfItsRequestAlone() {
    return provider().devices().stream()
        .map(
            device ->
                DynamicTest.dynamicTest(
                    device.id(),
                    () -> {
                      try (Checkpoint checkpoint =
                          Checkpoint.load(WorksheetContractTest.worksheetModel())) {
                        Map<Job, String> alone = new ConcurrentHashMap<>();
                        for (int round = 0; round < ROUNDS; round++) {
                          round(checkpoint, device, alone, round);
                        }
                      }
                    }));
  }

  private void round(Checkpoint checkpoint, Device device, Map<Job, String> alone, int round)
      throws Exception {
    Map<Job, String> written = new ConcurrentHashMap<>();
    AtomicInteger ended = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch half = new CountDownLatch(THREADS * requests() / 2);
    Resa resa = open(checkpoint, device);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(round * 1000L + thread);
        futures.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < requests(); i++) {
                    one(resa, random, written, ended, refused);
                    half.countDown();
                  }
                  return null;
                }));
      }
      half.await();
      // In the middle: what runs and what waits must end with an exception, not with a crash.
      resa.close();
      for (Future<?> future : futures) {
        future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
    assertThat(ended.get() + refused.get()).isEqualTo(THREADS * requests());
    assertThat(refused.get()).isPositive();
    try (Resa fresh = open(checkpoint, device)) {
      for (Map.Entry<Job, String> each : written.entrySet()) {
        String expected =
            alone.computeIfAbsent(each.getKey(), job -> fresh.submit(job.request()).join().text());
        assertThat(each.getValue()).as("round %d, %s", round, each.getKey()).isEqualTo(expected);
      }
    }
    assertThat(written).hasSizeGreaterThan(THREADS);
  }

  private static void one(
      Resa resa,
      Random random,
      Map<Job, String> written,
      AtomicInteger ended,
      AtomicInteger refused) {
    Job job = random(random);
    try {
      GenerationHandle handle = resa.submit(job.request());
      if (random.nextInt(4) == 0) {
        Iterator<GeneratedToken> tokens = handle.iterator();
        for (int left = random.nextInt(5); left > 0 && tokens.hasNext(); left--) {
          tokens.next();
        }
        handle.cancel();
      }
      Generation generation = handle.join();
      if (generation.finish() != FinishReason.CANCELLED) {
        String before = written.put(job, generation.text());
        assertThat(generation.text()).isEqualTo(before == null ? generation.text() : before);
      }
      ended.incrementAndGet();
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("closed");
      refused.incrementAndGet();
    }
  }

  @TestFactory
  Stream<DynamicTest> openingAndClosingLeavesNeitherThreadsNorFiles() {
    return provider().devices().stream()
        .map(
            device ->
                DynamicTest.dynamicTest(
                    device.id(),
                    () -> {
                      // The first may start what a driver keeps.
                      openAndWrite(device);
                      long files = openFiles();
                      long maps = mappedModels();
                      for (int i = 0; i < 3; i++) {
                        openAndWrite(device);
                      }
                      Instant end = Instant.now().plus(Duration.ofSeconds(10));
                      while (!ownThreads().isEmpty() && Instant.now().isBefore(end)) {
                        Thread.sleep(20);
                      }
                      assertThat(ownThreads()).isEmpty();
                      assertThat(openFiles()).isLessThanOrEqualTo(files);
                      // Other tests leave maps to the garbage collector.
                      assertThat(mappedModels()).isLessThanOrEqualTo(maps);
                    }));
  }

  private void openAndWrite(Device device) {
    try (Checkpoint checkpoint = Checkpoint.load(WorksheetContractTest.worksheetModel());
        Resa resa = open(checkpoint, device)) {
      resa.generate(SHEETS.getFirst().prompt(), OPTIONS.withMaxTokens(3));
    }
  }

  private static List<String> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("resa-"))
        .collect(Collectors.toList());
  }

  /** File handles of this process; 0 where the system has no /proc. */
  private static long openFiles() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  private static long mappedModels() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.isReadable(maps)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(maps)) {
      return lines.filter(line -> line.endsWith("worksheet/model.safetensors")).count();
    }
  }
}
