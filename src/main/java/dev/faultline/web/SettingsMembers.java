package dev.faultline.web;

import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.util.List;
import java.util.Locale;

/** The settings of a laboratory, with their units and ranges; every one may be left out. */
final class SettingsMembers {
  private static final int MOST_TLB_ENTRIES = 1024;
  private static final int LONGEST_NAME = 100;
  private static final String UNIT = "x-unit";
  private static final String PAGES = "pages of 4096 bytes";

  static final Member<String> NAME =
      Member.name("name", LONGEST_NAME, "laboratory", "What it is called");
  static final Member<Long> SEED =
      Member.number("seed", 0, "Of all that is random in the laboratory");
  static final Member<PagingMode> PAGING =
      Member.choice(
          "paging",
          List.of(PagingMode.values()),
          PagingMode::label,
          PagingMode.SV39,
          "Levels of the page tables: three, four or five");
  static final Member<PrivateFileStrategy> PRIVATE_FILE =
      Member.choice(
          "privateFile",
          List.of(PrivateFileStrategy.values()),
          PrivateFileStrategy::label,
          PrivateFileStrategy.LAZY,
          "Private files are copied at the first write (lazy) or at mmap (eager)");
  static final Member<ReclaimPolicy> RECLAIM =
      Member.choice(
          "reclaim",
          List.of(ReclaimPolicy.values()),
          ReclaimPolicy::label,
          ReclaimPolicy.LRU,
          "Which page leaves memory when frames run out: the oldest of two lists as Linux has them,"
              + " by a clock with second chances, the one that came first, or one by chance");
  static final Member<AdBits> AD_BITS =
      Member.choice(
          "adBits",
          List.of(AdBits.values()),
          bits -> bits.name().toLowerCase(Locale.ROOT),
          AdBits.HARDWARE,
          "The MMU sets A and D itself or faults");
  static final Member<Integer> READAHEAD =
      Member.integer(
              "readahead",
              0,
              Prefetch.MOST_READAHEAD,
              0,
              "The most that is read from a file at once, before anyone asks for it; Linux has 32;"
                  + " 0 for the one page that is needed")
          .saying(UNIT, PAGES);
  static final Member<Integer> FAULT_AROUND =
      Member.integer(
              "faultAround",
              0,
              Prefetch.MOST_FAULT_AROUND,
              0,
              "The window in which a read fault maps what is in the page cache, a power of two;"
                  + " Linux has 16; 0 for the one page that is needed")
          .saying(UNIT, PAGES);
  static final Member<Overcommit> OVERCOMMIT =
      Member.choice(
          "overcommit",
          List.of(Overcommit.values()),
          Overcommit::label,
          Overcommit.GUESS,
          "vm.overcommit_memory: nothing larger than the machine is promised at once, anything is,"
              + " or no more than half of the frames in all");
  static final Member<Thp> THP =
      Member.choice(
          "thp",
          List.of(Thp.values()),
          Thp::label,
          Thp.MADVISE,
          "When anonymous memory gets superpages of 2 MiB: never, where madvise(HUGEPAGE) asks for"
              + " them, or wherever there is room");
  static final Member<Integer> HARTS =
      Member.integer(
          "harts",
          1,
          MachineConfiguration.MOST_HARTS,
          1,
          "Harts, each with registers and a TLB of its own; they take turns on one memory");

  /** The TLB of each hart. */
  record TlbShape(int entries, int ways, Replacement policy) {}

  private static final Member<Integer> TLB_ENTRIES =
      Member.integer(
          "entries", 1, MOST_TLB_ENTRIES, Settings.DEFAULT_TLB_ENTRIES, "A power of two");
  private static final Member<Integer> TLB_WAYS =
      Member.integer(
          "ways",
          1,
          MOST_TLB_ENTRIES,
          Settings.DEFAULT_TLB_WAYS,
          "A power of two, at most `entries`, which is the default where there are fewer");
  private static final Member<Replacement> TLB_POLICY =
      Member.choice(
          "policy",
          List.of(Replacement.values()),
          Replacement::label,
          Replacement.ROUND_ROBIN,
          "Which row of a set gives way");
  static final Member<TlbShape> TLB =
      Member.object("tlb", SettingsMembers::tlb, "The TLB of each hart, set-associative");

  final Member<Integer> frames;
  final Member<Integer> swap;

  SettingsMembers(Limits limits) {
    frames =
        Member.integer(
                "frames",
                Limits.LEAST_FRAMES,
                Integer.MAX_VALUE,
                Settings.DEFAULT_FRAMES,
                "The machine's memory, at most `frames` of GET /limits")
            .saying("maximum", limits.frames())
            .saying(UNIT, "frames of 4096 bytes");
    swap =
        Member.integer(
                "swap",
                0,
                Integer.MAX_VALUE,
                Settings.swapFor(Settings.DEFAULT_FRAMES),
                "The swap area, at most `swap` of GET /limits; half of `frames` when left out, 0"
                    + " for no swap")
            .saying("maximum", limits.swap())
            .saying(UNIT, "slots of 4096 bytes");
  }

  private static TlbShape tlb(Body in) {
    int entries = in.get(TLB_ENTRIES);
    boolean hasWays = in.has(TLB_WAYS);
    int ways = hasWays ? in.get(TLB_WAYS) : Math.min(entries, Settings.DEFAULT_TLB_WAYS);
    if (!isPowerOfTwo(entries)) {
      throw in.bad(TLB_ENTRIES, "must be a power of two");
    }
    if (!isPowerOfTwo(ways)) {
      throw in.bad(TLB_WAYS, "must be a power of two");
    }
    if (ways > entries) {
      throw in.bad(TLB_WAYS, "must lie between 1 and " + entries);
    }
    return new TlbShape(entries, ways, in.get(TLB_POLICY));
  }

  static boolean isPowerOfTwo(int number) {
    return Integer.bitCount(number) == 1;
  }
}
