package dev.faultline.recording;

import dev.faultline.Programs;
import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** Kinds of sessions whose recordings every reader has to play alike. */
public enum Scenario {
  /** Every kind of fault, few frames, few TLB rows. */
  RANDOM(120, PagingMode.SV39, 0, Thp.NEVER),
  /** Tables of five levels, and what does not fit is swapped out. */
  SWAPPING(64, PagingMode.SV57, 256, Thp.NEVER),
  /** Superpages come, are shared, split and go. */
  SUPERPAGES(2_048, PagingMode.SV48, 0, Thp.ALWAYS),
  /** Programs that are loaded, fork, and write into pipes. */
  PROGRAMS(1_024, PagingMode.SV39, 0, Thp.MADVISE);

  private static final int RANDOM_MOMENTS = 40;

  private final int frames;
  private final PagingMode paging;
  private final int swap;
  private final Thp thp;

  Scenario(int frames, PagingMode paging, int swap, Thp thp) {
    this.frames = frames;
    this.paging = paging;
    this.swap = swap;
    this.thp = thp;
  }

  /** The recording of such a session. */
  public byte[] record(long seed) {
    var kernel =
        new KernelConfiguration(
            new MachineConfiguration(frames, paging, 8, 2, AdBits.HARDWARE),
            PrivateFileStrategy.LAZY,
            Prefetch.NONE,
            swap,
            ReclaimPolicy.LRU,
            Overcommit.GUESS,
            thp);
    Laboratory lab = new Laboratories(Limits.DEFAULT).open(new Settings(name(), seed, kernel));
    switch (this) {
      case RANDOM, SWAPPING -> RecordedRuns.randomCommands(seed, 3_000, lab::execute);
      case SUPERPAGES -> superpages(lab, new Random(seed));
      case PROGRAMS -> programs(lab);
    }
    return RecordedRuns.record(lab.log());
  }

  private static void superpages(Laboratory lab, Random random) {
    long base = 0x4000_0000L;
    lab.execute(new Command.Spawn("huge"));
    for (int round = 0; round < 12; round++) {
      lab.execute(new Command.Mmap(1, base, 4 << 20, 3, 0x32, -1, 0));
      lab.execute(new Command.Write(1, base + random.nextInt(4 << 20), new byte[] {1}));
      lab.execute(new Command.Mprotect(1, base + 4096L * random.nextInt(1_000), 4096, 1));
      lab.execute(new Command.Munmap(1, base + 4096L * random.nextInt(1_000), 8192));
    }
    lab.execute(new Command.Fork(1));
    lab.execute(new Command.Write(2, base, new byte[] {2}));
    lab.execute(new Command.Exit(1, 0));
  }

  private static void programs(Laboratory lab) {
    lab.execute(new Command.PutFile("/bin/family", 0755, Programs.file("family")));
    for (int i = 0; i < 4; i++) {
      lab.execute(new Command.Start("/bin/family", List.of("family"), List.of(), null));
    }
    lab.execute(new Command.RunAll(1_000_000, RunEnd.Reason.EXIT));
  }

  /** Moments out of order: around every segment's borders, and some others. */
  public static List<Long> moments(Recording recording, Random random) {
    var moments = new TreeSet<Long>();
    for (SegmentInfo segment : recording.segments()) {
      for (long near = -1; near <= 1; near++) {
        moments.add(segment.first() + near);
        moments.add(segment.last() + near);
      }
    }
    for (int i = 0; i < RANDOM_MOMENTS; i++) {
      moments.add(random.nextLong(recording.lastMoment() + 1));
    }
    moments.removeIf(moment -> !recording.reaches(moment));
    var shuffled = new ArrayList<>(moments);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }
}
