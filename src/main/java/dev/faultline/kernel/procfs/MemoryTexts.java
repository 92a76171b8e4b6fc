package dev.faultline.kernel.procfs;

import dev.faultline.kernel.mm.Commitment;
import dev.faultline.kernel.mm.FrameKind;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.MemorySizes;
import dev.faultline.kernel.mm.MemoryUse;
import dev.faultline.kernel.mm.Mmap;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.PageCache;
import dev.faultline.kernel.mm.Reference;
import dev.faultline.kernel.mm.SwapArea;
import dev.faultline.kernel.mm.Thp;
import dev.faultline.kernel.mm.UserMemory;
import dev.faultline.kernel.mm.Vma;
import dev.faultline.kernel.process.Columns;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.SmapsText;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What {@code /proc} tells of memory: of the machine's, and of a process's. */
public final class MemoryTexts {
  private static final long KILOBYTES = 4;

  private final FrameTable frames;
  private final PageCache cache;
  private final SwapArea swap;
  private final UserMemory memory;
  private final Thp thp;
  private final Overcommit overcommit;
  private final Commitment promised;

  public MemoryTexts(
      FrameTable frames,
      PageCache cache,
      SwapArea swap,
      UserMemory memory,
      Thp thp,
      Overcommit overcommit,
      Commitment promised) {
    this.frames = frames;
    this.cache = cache;
    this.swap = swap;
    this.memory = memory;
    this.thp = thp;
    this.overcommit = overcommit;
    this.promised = promised;
  }

  FrameTable frames() {
    return frames;
  }

  /** Copies what a process has at an address; gives how many bytes could be read. */
  int read(Process process, long address, byte[] into) {
    return memory.read(process.space(), address, into, 0, into.length);
  }

  String mostMappings() {
    return Integer.toString(Mmap.MAX_MAP_COUNT);
  }

  /** The mode's number. */
  String overcommit() {
    return Integer.toString(overcommit.ordinal());
  }

  String smaps(Process process) {
    return SmapsText.of(process, frames, cache, swap, thp);
  }

  String rollup(Process process) {
    return SmapsText.rollup(process, frames, cache, swap);
  }

  /** {@code proc_oom_score}: two thirds of 1000, and more the more memory there is of it. */
  String oomScore(Process process) {
    if (!process.isAlive()) {
      return "0\n";
    }
    MemoryUse use = use(process);
    long pages = use.resident() + use.swapped() + use.tables();
    long score = (1000 + pages * 1000 / (frames.total() + swap.total())) * 2 / 3;
    return score + "\n";
  }

  MemoryUse use(Process process) {
    return MemoryUse.of(process.space(), frames);
  }

  MemorySizes sizes(Process process) {
    var sizes = new MemorySizes(frames, cache, swap);
    for (Vma vma : process.space().vmas().all()) {
      sizes.add(vma);
    }
    return sizes;
  }

  /** {@code fs/proc/meminfo.c}; what this kernel does not have is 0. */
  String machine() {
    Map<String, Long> pages = pages();
    var text = new StringBuilder();
    for (String label : MEMINFO.split(" ")) {
      line(text, label, pages.getOrDefault(label, 0L) * KILOBYTES, " kB");
    }
    for (String label : new String[] {"Total", "Free", "Rsvd", "Surp"}) {
      line(text, "HugePages_" + label, 0, "");
    }
    line(text, "Hugepagesize", 2048, " kB");
    line(text, "Hugetlb", 0, " kB");
    return text.toString();
  }

  /** {@code vmstat_show}, of what there is now. */
  String vmstat() {
    Map<String, Long> pages = pages();
    var text = new StringBuilder();
    VMSTAT.forEach(
        (name, label) -> text.append(name).append(' ').append(pages.get(label)).append('\n'));
    return text.toString();
  }

  private static final NavigableMap<String, String> VMSTAT =
      new TreeMap<>(
          Map.of(
              "nr_free_pages", "MemFree",
              "nr_anon_pages", "AnonPages",
              "nr_mapped", "Mapped",
              "nr_file_pages", "Cached",
              "nr_shmem", "Shmem",
              "nr_page_table_pages", "PageTables"));

  private Map<String, Long> pages() {
    long anonymous = 0;
    long tables = 0;
    long mappedFiles = 0;
    long shared = 0;
    for (long ppn = 0; ppn < frames.total(); ppn++) {
      if (frames.isUsed(ppn)) {
        FrameKind kind = frames.kind(ppn);
        anonymous += kind == FrameKind.ANON ? 1 : 0;
        tables += kind == FrameKind.TABLE ? 1 : 0;
        mappedFiles += kind == FrameKind.FILE && frames.count(ppn, Reference.MAPPING) > 0 ? 1 : 0;
        shared += kind == FrameKind.FILE && !cache.isOnDisk(ppn) ? 1 : 0;
      }
    }
    return Map.ofEntries(
        Map.entry("MemTotal", (long) frames.total()),
        Map.entry("MemFree", (long) frames.free()),
        Map.entry("MemAvailable", (long) frames.free() + cache.diskPages()),
        Map.entry("Cached", (long) cache.size()),
        Map.entry("Active", anonymous + cache.size()),
        Map.entry("Active(anon)", anonymous + shared),
        Map.entry("Active(file)", (long) cache.diskPages()),
        Map.entry("SwapTotal", (long) swap.total()),
        Map.entry("SwapFree", (long) swap.free()),
        Map.entry("AnonPages", anonymous),
        Map.entry("Mapped", mappedFiles),
        Map.entry("Shmem", shared),
        Map.entry("PageTables", tables),
        Map.entry("CommitLimit", promised.limit()),
        Map.entry("Committed_AS", promised.pages()));
  }

  private static final String MEMINFO =
      "MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon)"
          + " Inactive(anon) Active(file) Inactive(file) Unevictable Mlocked SwapTotal SwapFree"
          + " Zswap Zswapped Dirty Writeback AnonPages Mapped Shmem KReclaimable Slab SReclaimable"
          + " SUnreclaim KernelStack PageTables SecPageTables NFS_Unstable Bounce WritebackTmp"
          + " CommitLimit Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu AnonHugePages"
          + " ShmemHugePages ShmemPmdMapped FileHugePages FilePmdMapped";

  private static void line(StringBuilder text, String label, long value, String unit) {
    Columns.left(text, label + ":", 16);
    Columns.right(text, value, 8).append(unit).append('\n');
  }

  /** {@code /proc/swaps}. */
  String swaps() {
    String header = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
    if (swap.total() == 0) {
      return header;
    }
    return header
        + "/dev/swap%-31spartition\t%d\t\t%d\t\t-2\n"
            .formatted("", swap.total() * KILOBYTES, (swap.total() - swap.free()) * KILOBYTES);
  }
}
