package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.Format;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import java.util.function.IntPredicate;

/**
 * Takes pages from those who have them when frames run out ({@code mm/vmscan.c}).
 *
 * <p>What is cheapest to lose goes first: clean pages of files that nobody maps; pages given up by
 * MADV_FREE; clean pages of files that are mapped; dirty ones, after they are written back; and
 * last what has no place on the disk, anonymous and shared memory, and goes to a swap slot. Which
 * page of a class goes is for the {@link EvictionOrder} to say. Linux weighs the classes against
 * each other (swappiness) where here one comes after the other.
 *
 * <p>Nothing locked is ever taken. A page is taken from everybody who maps it, by the reverse map,
 * before its frame is free.
 */
public final class Reclaim {
  private final FrameTable frames;
  private final PageCache cache;
  private final FrameMappings mappings;
  private final SwapArea swap;
  private final ChangeLog log;

  private final EvictionOrder.Candidates cleanUnmapped;
  private final EvictionOrder.Candidates givenUp;
  private final EvictionOrder.Candidates clean;
  private final EvictionOrder.Candidates any;
  private final EvictionOrder.Candidates cleanShared;

  public Reclaim(
      FrameTable frames, PageCache cache, FrameMappings mappings, SwapArea swap, ChangeLog log) {
    this.frames = frames;
    this.cache = cache;
    this.mappings = mappings;
    this.swap = swap;
    this.log = log;
    cleanUnmapped = that(ppn -> frames.count(ppn, Reference.MAPPING) == 0 && !cache.isDirty(ppn));
    givenUp = that(this::isDiscardable);
    clean = that(ppn -> !cache.isDirty(ppn));
    any = that(ppn -> true);
    cleanShared = that(ppn -> frames.kind(ppn) == FrameKind.FILE && !cache.isDirty(ppn));
    frames.reclaimWith(this::freeOne);
  }

  private EvictionOrder.Candidates that(IntPredicate isCandidate) {
    return new EvictionOrder.Candidates() {
      @Override
      public boolean mayGo(int ppn) {
        return isCandidate.test(ppn) && !mappings.areLocked(ppn);
      }

      @Override
      public int takeReferences(int ppn) {
        int references = mappings.takeReferences(ppn);
        if (references > 0) {
          log.step(StepKind.SECOND_CHANCE, ppn, references);
        }
        return references;
      }
    };
  }

  /** Makes one frame free; false when there is no page that can go. */
  private boolean freeOne() {
    EvictionOrder files = frames.fileOrder();
    EvictionOrder swappable = frames.swapOrder();
    boolean someUnmapped = cache.diskPages() > frames.mappedFilePages();
    boolean someDirty = cache.dirtyDiskPages() > 0;
    boolean someClean = cache.diskPages() > cache.dirtyDiskPages();
    return someUnmapped && someClean && take(files, cleanUnmapped)
        || frames.lazyPages() > 0 && take(swappable, givenUp)
        || someClean && take(files, clean)
        || someDirty && take(files, any)
        || swap.free() > 0 && take(swappable, any)
        || cache.cleanSharedPages() > 0 && take(swappable, cleanShared);
  }

  private boolean take(EvictionOrder order, EvictionOrder.Candidates candidates) {
    int ppn = order.choose(candidates);
    if (ppn == EvictionOrder.NONE) {
      return false;
    }
    log.step(StepKind.CHOOSES, ppn, frames.kind(ppn).ordinal(), order.reason());
    take(ppn);
    return true;
  }

  private void take(long ppn) {
    if (frames.kind(ppn) == FrameKind.ANON) {
      takeAnonymous(ppn);
    } else {
      mappings.unmap(ppn, 0);
      if (!cache.isOnDisk(ppn) && cache.isDirty(ppn)) {
        cache.swapOut(ppn);
      } else {
        cache.evict(ppn);
      }
    }
  }

  private void takeAnonymous(long ppn) {
    if (isDiscardable(ppn)) {
      log.step(StepKind.DISCARDS, ppn);
      mappings.unmap(ppn, 0);
      return;
    }
    long entries = frames.count(ppn, Reference.MAPPING);
    long slot = swap.write(ppn, entries, 0, frames.pid(ppn), frames.inode(ppn), frames.page(ppn));
    mappings.unmap(ppn, Entry.ofSlot(slot));
  }

  /** A page that was given up and not written since. One that was written is wanted again. */
  private boolean isDiscardable(long ppn) {
    if (frames.isLazy(ppn) && mappings.haveAny(ppn, Entry.D)) {
      frames.setLazy(ppn, false);
    }
    return frames.isLazy(ppn);
  }

  /**
   * Takes a page because its only process says that it will not need it ({@code reclaim_pages}). As
   * on Linux, a dirty page of a file is only unmapped: writing it back is left for later. So is a
   * page of shared memory for which there is no slot.
   *
   * @return false when it must stay
   */
  boolean pageOut(long ppn) {
    FrameKind kind = frames.kind(ppn);
    if (kind == FrameKind.ZERO || frames.count(ppn, Reference.MAPPING) != 1) {
      return false;
    }
    boolean isFile = kind == FrameKind.FILE;
    boolean isDirtyFile = isFile && cache.isDirty(ppn);
    boolean needsSlot = isFile ? isDirtyFile && !cache.isOnDisk(ppn) : !isDiscardable(ppn);
    boolean hasSlot = needsSlot && swap.free() > 0;
    if (needsSlot && !hasSlot && !isFile) {
      return false;
    }
    log.step(StepKind.CHOOSES, ppn, kind.ordinal(), Format.EVICTION.symbols().size() - 1);
    if (isDirtyFile && !hasSlot) {
      mappings.unmap(ppn, 0);
    } else {
      take(ppn);
    }
    return true;
  }
}
