package dev.faultline.web;

import dev.faultline.kernel.KernelConfiguration;
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
import java.util.Optional;

/** Reads the settings of a laboratory from JSON; every member may be left out. */
final class SettingsReader {
  private static final int MOST_TLB_ENTRIES = 1024;
  private static final int LONGEST_NAME = 100;

  private final Limits limits;

  SettingsReader(Limits limits) {
    this.limits = limits;
  }

  static String name(Members members) {
    String name = members.text("name", "laboratory");
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw members.bad("name", "must have 1 to " + LONGEST_NAME + " characters");
    }
    return name;
  }

  Settings read(Members members) {
    String name = name(members);
    long seed = members.number("seed", 0L);
    int frames =
        members.number("frames", Limits.LEAST_FRAMES, Integer.MAX_VALUE, Settings.DEFAULT_FRAMES);
    PagingMode paging =
        choice(members, "paging", PagingMode.labelled(members.text("paging", "sv39")));
    PrivateFileStrategy privateFile =
        choice(
            members,
            "privateFile",
            PrivateFileStrategy.labelled(members.text("privateFile", "lazy")));
    int defaultSwap = Math.min(Settings.swapFor(frames), limits.swap());
    int swap = members.number("swap", 0, Integer.MAX_VALUE, defaultSwap);
    ReclaimPolicy reclaim =
        choice(members, "reclaim", ReclaimPolicy.labelled(members.text("reclaim", "lru")));
    AdBits adBits =
        switch (members.text("adBits", "hardware")) {
          case "hardware" -> AdBits.HARDWARE;
          case "fault" -> AdBits.FAULT;
          default -> throw members.bad("adBits", "must be hardware or fault");
        };
    int readahead = members.number("readahead", 0, Prefetch.MOST_READAHEAD, 0);
    int faultAround = members.number("faultAround", 0, Prefetch.MOST_FAULT_AROUND, 0);
    if (Integer.bitCount(faultAround) > 1) {
      throw members.bad("faultAround", "must be 0 or a power of two");
    }
    Overcommit overcommit =
        choice(members, "overcommit", Overcommit.labelled(members.text("overcommit", "guess")));
    Thp thp = choice(members, "thp", Thp.labelled(members.text("thp", "madvise")));
    Optional<Members> tlb = members.object("tlb");
    int entries =
        tlb.map(t -> powerOfTwo(t, "entries", MOST_TLB_ENTRIES, Settings.DEFAULT_TLB_ENTRIES))
            .orElse(Settings.DEFAULT_TLB_ENTRIES);
    int ways =
        tlb.map(t -> powerOfTwo(t, "ways", entries, Math.min(entries, Settings.DEFAULT_TLB_WAYS)))
            .orElse(Settings.DEFAULT_TLB_WAYS);
    Replacement policy =
        tlb.map(t -> choice(t, "policy", Replacement.labelled(t.text("policy", "roundRobin"))))
            .orElse(Replacement.ROUND_ROBIN);
    tlb.ifPresent(Members::refuseOthers);
    int harts = members.number("harts", 1, MachineConfiguration.MOST_HARTS, 1);
    members.refuseOthers();
    var machine =
        new MachineConfiguration(0, frames, paging, entries, ways, policy, seed, adBits, harts);
    var prefetch = new Prefetch(readahead, faultAround);
    var kernel =
        new KernelConfiguration(machine, privateFile, prefetch, swap, reclaim, overcommit, thp);
    return new Settings(name, seed, kernel);
  }

  private static <T> T choice(Members members, String member, Optional<T> found) {
    return found.orElseThrow(() -> members.bad(member, "has no such choice"));
  }

  private static int powerOfTwo(Members members, String member, int most, int otherwise) {
    int value = members.number(member, 1, most, otherwise);
    if (Integer.bitCount(value) != 1) {
      throw members.bad(member, "must be a power of two");
    }
    return value;
  }
}
