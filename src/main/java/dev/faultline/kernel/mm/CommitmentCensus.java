package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.Backing;
import dev.faultline.kernel.fs.RegularFile;
import java.util.List;

/** Adds up anew what all processes were promised, for the audit. */
public final class CommitmentCensus {
  private final PageCache cache;
  private long pages;

  public CommitmentCensus(PageCache cache) {
    this.cache = cache;
  }

  public void count(AddressSpace space) {
    for (Vma vma : space.vmas().all()) {
      pages += vma.has(VmFlag.ACCOUNT) ? vma.pages() : 0;
    }
  }

  public void count(RegularFile file) {
    if (file.backing() == Backing.RESERVED) {
      pages += file.pages();
    } else if (file.backing() == Backing.BY_PAGE) {
      pages += cache.count(file);
    }
  }

  /** Holds the sum against what is kept; gives how many counts were compared. */
  public long check(Commitment promised, List<String> violations) {
    if (pages != promised.pages()) {
      violations.add(
          "%d pages are promised, %d counted as such".formatted(promised.pages(), pages));
    }
    return 1;
  }
}
