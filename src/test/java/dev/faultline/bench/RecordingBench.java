package dev.faultline.bench;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.recording.Player;
import dev.faultline.recording.Recording;
import dev.faultline.recording.SegmentInfo;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;

/**
 * What recording costs in a run that does nothing but fault, and what a long recording costs to
 * open and to seek in. The number of records may be given, 10 million by default.
 *
 * <p>{@code scripts/bench RecordingBench}
 */
public final class RecordingBench {
  private static final int PAGE = 4096;
  private static final int PAGES = 64;
  private static final int SEEKS = 400;

  private RecordingBench() {}

  public static void main(String[] arguments) throws IOException {
    long records = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000_000;
    Laboratory off = new Laboratories(Limits.DEFAULT).open(settings());
    run(off, records / 10); // warms up
    System.out.printf("recording off: %,.0f records/s%n", run(off, records / 5));
    try (DataDirectory data = DataDirectory.temporary()) {
      var laboratories = new Laboratories(Limits.DEFAULT, "bench", data);
      Laboratory on = laboratories.open(settings());
      System.out.printf("recording on:  %,.0f records/s%n", run(on, records));
      String id = on.id();
      laboratories.close();
      measure(data.root().resolve("labs").resolve(id).resolve("recording"));
      System.out.printf(
          "commands: %,d bytes%n",
          Files.size(data.root().resolve("labs").resolve(id).resolve("commands")));
    }
  }

  private static Settings settings() {
    return Settings.of("bench", PrivateFileStrategy.LAZY);
  }

  /** Copy-on-write faults, anonymous faults and read faults, until there are so many records. */
  private static double run(Laboratory lab, long records) {
    lab.execute(new Command.PutFile("/f", 0644, new byte[PAGES * PAGE]));
    Result spawned = Objects.requireNonNull(lab.execute(new Command.Spawn("bench")).result());
    int pid = ((Result.Pid) spawned).pid();
    lab.execute(new Command.Open(pid, "/f", 0, 0));
    byte[] one = {1};
    long before = lab.log().head();
    long start = System.nanoTime();
    for (int round = 0; lab.log().head() - before < records; round++) {
      int flags = round % 3 == 0 ? 0x22 : 0x02;
      Result mapped =
          Objects.requireNonNull(
              lab.execute(new Command.Mmap(pid, 0, PAGES * PAGE, 3, flags, 3, 0)).result());
      long address = ((Result.Address) mapped).address();
      for (int page = 0; page < PAGES; page++) {
        long at = address + (long) page * PAGE;
        lab.execute(
            round % 3 == 2 ? new Command.Read(pid, at, 1) : new Command.Write(pid, at, one));
      }
      if (round % 8 != 0) {
        lab.execute(new Command.Munmap(pid, address, PAGES * PAGE));
      }
      if (round % 200 == 199) {
        lab.execute(new Command.Munmap(pid, 0x3000000000L, 0xff8000000L));
      }
    }
    return (lab.log().head() - before) * 1e9 / (System.nanoTime() - start);
  }

  private static void measure(Path file) throws IOException {
    long start = System.nanoTime();
    Recording recording = Recording.open(Source.of(file, Long.MAX_VALUE));
    System.out.printf("open: %.1f ms%n", (System.nanoTime() - start) / 1e6);
    long keyframes = recording.segments().stream().filter(SegmentInfo::hasKeyframe).count();
    System.out.printf(
        "%,d records in %,d segments (%d with keyframes), %,d bytes: %.2f bytes a record%n",
        recording.lastMoment(),
        recording.segments().size(),
        keyframes,
        Files.size(file),
        (double) Files.size(file) / recording.lastMoment());
    var random = new Random(1);
    seeks("seek with a new player", recording, random, false);
    seeks("seek with one player", recording, random, true);
    Player player = recording.player(recording.lastMoment() / 2);
    start = System.nanoTime();
    int steps = 100_000;
    for (int i = 0; i < steps; i++) {
      player.previous();
    }
    System.out.printf("step back: %.0f ns%n", (System.nanoTime() - start) / (double) steps);
    var runtime = Runtime.getRuntime();
    System.gc();
    System.out.printf("heap: %,d bytes%n", runtime.totalMemory() - runtime.freeMemory());
    recording.close();
  }

  private static void seeks(String what, Recording recording, Random random, boolean isOne) {
    Player player = recording.player(0);
    double[] millis = new double[SEEKS];
    for (int i = 0; i < SEEKS; i++) {
      long moment = random.nextLong(recording.lastMoment());
      long start = System.nanoTime();
      if (isOne) {
        player.seek(moment);
      } else {
        recording.player(moment);
      }
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    System.out.printf(
        "%s: median %.1f ms, p95 %.1f ms, worst %.1f ms%n",
        what, millis[SEEKS / 2], millis[SEEKS * 95 / 100], millis[SEEKS - 1]);
  }
}
