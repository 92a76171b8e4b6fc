package dev.faultline.bench;

import dev.faultline.kernel.HostLinux;
import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.recording.Player;
import dev.faultline.recording.Recording;
import dev.faultline.recording.SegmentInfo;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongConsumer;

/**
 * What recording costs in a run that does nothing but fault, on and off by turns in one JVM; and
 * what a long recording costs to open and to seek in, with its file in the page cache and without.
 * The number of records may be given, 10 million by default.
 *
 * <p>{@code scripts/bench RecordingBench}
 */
public final class RecordingBench {
  private static final int TURNS = 8;
  private static final int SEEKS = 400;

  private RecordingBench() {}

  public static void main(String[] arguments) throws IOException {
    long records = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000_000;
    try (DataDirectory data = DataDirectory.temporary()) {
      var laboratories = new Laboratories(Limits.DEFAULT, "bench", data);
      Laboratory recorded = laboratories.open(FaultHeavyRun.settings());
      var on = new FaultHeavyRun(recorded);
      var off = new FaultHeavyRun(new Laboratories(Limits.DEFAULT).open(FaultHeavyRun.settings()));
      long turn = records / (TURNS + 2);
      takeTurns(on, off, recorded, turn);
      on.goOn(records - recorded.log().head());
      laboratories.close();
      measure(FaultHeavyRun.recording(data, recorded));
      System.out.printf(
          "commands: %,d bytes%n",
          Files.size(FaultHeavyRun.recording(data, recorded).resolveSibling("commands")));
    }
  }

  /** What is recorded counts when it is written. */
  private static void takeTurns(FaultHeavyRun on, FaultHeavyRun off, Laboratory lab, long turn) {
    double[] without = new double[TURNS];
    double[] with = new double[TURNS];
    for (int i = -1; i < TURNS; i++) {
      double plain = rate(turn, () -> off.goOn(turn));
      double recorded =
          rate(
              turn,
              () -> {
                on.goOn(turn);
                lab.recording();
              });
      if (i < 0) {
        continue; // warming up
      }
      without[i] = plain;
      with[i] = recorded;
      System.out.printf("off %,.0f, on %,.0f records/s%n", plain, recorded);
    }
    Arrays.sort(without);
    Arrays.sort(with);
    System.out.printf(
        "recording off %,.0f, on %,.0f records/s (medians of %d turns of %,d): %.0f %%%n",
        without[TURNS / 2],
        with[TURNS / 2],
        TURNS,
        turn,
        100 * with[TURNS / 2] / without[TURNS / 2]);
  }

  private static double rate(long records, Runnable run) {
    long start = System.nanoTime();
    run.run();
    return records * 1e9 / (System.nanoTime() - start);
  }

  private static void measure(Path file) throws IOException {
    try (HostLinux host = HostLinux.open()) {
      int fd = host.open(file, 0);
      host.evict(fd);
      double cold = millis(() -> Recording.open(Source.of(file, Long.MAX_VALUE)).close());
      double warm = millis(() -> Recording.open(Source.of(file, Long.MAX_VALUE)).close());
      System.out.printf("open: %.1f ms from the disk, %.1f ms cached%n", cold, warm);
      Recording recording = Recording.open(Source.of(file, Long.MAX_VALUE));
      long keyframes = recording.segments().stream().filter(SegmentInfo::hasKeyframe).count();
      System.out.printf(
          "%,d records in %,d segments (%d with keyframes), %,d bytes: %.2f bytes a record%n",
          recording.lastMoment(),
          recording.segments().size(),
          keyframes,
          Files.size(file),
          (double) Files.size(file) / recording.lastMoment());
      Player player = recording.player(0);
      seeks("seek with one player, cached", recording, () -> {}, player::seek);
      seeks("seek with a new player, cached", recording, () -> {}, recording::player);
      long before = fromDisk();
      seeks(
          "seek with a new player, from the disk",
          recording,
          () -> host.evict(fd),
          recording::player);
      System.out.printf("  %,d bytes came from the disk%n", fromDisk() - before);
      host.closeDescriptor(fd);
      stepsBack(recording);
      recording.close();
    }
  }

  private static void stepsBack(Recording recording) {
    Player player = recording.player(recording.lastMoment() / 2);
    int steps = 100_000;
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      player.previous();
    }
    System.out.printf("step back: %.0f ns%n", (System.nanoTime() - start) / (double) steps);
    var runtime = Runtime.getRuntime();
    System.gc();
    System.out.printf("heap: %,d bytes%n", runtime.totalMemory() - runtime.freeMemory());
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static double millis(Work work) throws IOException {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  /** What this process has read that was in no cache. */
  private static long fromDisk() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/io")).stream()
        .filter(line -> line.startsWith("read_bytes: "))
        .mapToLong(line -> Long.parseLong(line.substring("read_bytes: ".length())))
        .sum();
  }

  private static void seeks(String what, Recording recording, Runnable before, LongConsumer seek)
      throws IOException {
    var random = new Random(1);
    double[] millis = new double[SEEKS];
    for (int i = 0; i < SEEKS; i++) {
      long moment = random.nextLong(recording.lastMoment());
      before.run();
      millis[i] = millis(() -> seek.accept(moment));
    }
    Arrays.sort(millis);
    System.out.printf(
        "%s: median %.1f ms, p95 %.1f ms, worst %.1f ms%n",
        what, millis[SEEKS / 2], millis[SEEKS * 95 / 100], millis[SEEKS - 1]);
  }
}
