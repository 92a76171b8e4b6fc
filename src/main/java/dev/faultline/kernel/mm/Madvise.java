package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Access;
import org.jspecify.annotations.Nullable;

/**
 * Advice about memory ({@code mm/madvise.c}): some of it changes VMAs, some takes pages away or
 * brings them in, and some is only heard.
 */
public final class Madvise {
  private final PageCache cache;
  private final Fallocate fallocate;
  private final PageFaults faults;
  private final Zap zap;
  private final Populate populate;
  private final Cooling cooling;
  private final Guards guards;
  private final Collapse collapse;
  private final Mseal sealing;
  private final Refusal refusal;

  public Madvise(
      PageCache cache,
      Fallocate fallocate,
      PageFaults faults,
      Zap zap,
      Populate populate,
      Cooling cooling,
      Guards guards,
      Collapse collapse,
      Mseal sealing,
      ChangeLog log) {
    this.cache = cache;
    this.fallocate = fallocate;
    this.faults = faults;
    this.zap = zap;
    this.populate = populate;
    this.cooling = cooling;
    this.guards = guards;
    this.collapse = collapse;
    this.sealing = sealing;
    this.refusal = new Refusal(log);
  }

  /** {@code madvise(2)}. Holes are refused, but only after everything else is done. */
  public void advise(AddressSpace space, long address, long length, int number) {
    Advice advice = Advice.of(number);
    if (advice == null) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_ADVICE, number);
    }
    long end = PageRange.of(address, length, refusal).end();
    if (advice == Advice.POPULATE_READ || advice == Advice.POPULATE_WRITE) {
      populate(space, address, end, advice);
      return;
    }
    long hole = -1;
    for (long at = address; at != end; ) {
      Vma vma = space.vmas().findFrom(at);
      if (vma == null || at < vma.start()) {
        hole = at;
        if (vma == null || Long.compareUnsigned(vma.start(), end) >= 0) {
          break;
        }
        at = vma.start();
      }
      long until = Long.compareUnsigned(vma.end(), end) < 0 ? vma.end() : end;
      advise(vma, at, until, advice);
      at = until;
    }
    if (hole != -1) {
      throw refusal.of(Errno.ENOMEM, StepKind.HOLE, hole);
    }
  }

  private void advise(Vma vma, long start, long end, Advice advice) {
    sealing.check(vma, advice);
    long flags = vma.flags();
    switch (advice) {
      case NORMAL -> setFlags(vma, start, end, flags & ~(VmFlag.RAND_READ | VmFlag.SEQ_READ));
      case RANDOM -> setFlags(vma, start, end, flags & ~VmFlag.SEQ_READ | VmFlag.RAND_READ);
      case SEQUENTIAL -> setFlags(vma, start, end, flags & ~VmFlag.RAND_READ | VmFlag.SEQ_READ);
      case DONTFORK -> setFlags(vma, start, end, flags | VmFlag.DONTCOPY);
      case DOFORK -> setFlags(vma, start, end, flags & ~VmFlag.DONTCOPY);
      case WIPEONFORK -> {
        checkAnonymous(vma);
        setFlags(vma, start, end, flags | VmFlag.WIPEONFORK);
      }
      case KEEPONFORK -> {
        checkNotDroppable(vma);
        setFlags(vma, start, end, flags & ~VmFlag.WIPEONFORK);
      }
      case DONTDUMP -> setFlags(vma, start, end, flags | VmFlag.DONTDUMP);
      case DODUMP -> {
        checkNotDroppable(vma);
        setFlags(vma, start, end, flags & ~VmFlag.DONTDUMP);
      }
      case HUGEPAGE -> setFlags(vma, start, end, flags & ~VmFlag.NOHUGEPAGE | VmFlag.HUGEPAGE);
      case NOHUGEPAGE -> setFlags(vma, start, end, flags & ~VmFlag.HUGEPAGE | VmFlag.NOHUGEPAGE);
      case MERGEABLE -> {
        // Equal pages would be merged by ksmd, which sleeps until somebody wakes it.
        if (!vma.isShared() && !vma.has(VmFlag.DROPPABLE)) {
          setFlags(vma, start, end, flags | VmFlag.MERGEABLE);
        }
      }
      case UNMERGEABLE -> setFlags(vma, start, end, flags & ~VmFlag.MERGEABLE);
      case REMOVE -> remove(vma, start, end);
      case WILLNEED -> bringIn(vma, start, end);
      case DONTNEED -> {
        checkNotLocked(vma);
        zap.range(vma.space(), start, end);
      }
      case DONTNEED_LOCKED -> zap.range(vma.space(), start, end);
      case FREE -> {
        checkNotLocked(vma);
        checkAnonymous(vma);
        cooling.giveUp(vma, start, end);
      }
      case COLD -> {
        checkNotLocked(vma);
        cooling.cool(vma, start, end);
      }
      case PAGEOUT -> {
        checkNotLocked(vma);
        cooling.pageOut(vma, start, end);
      }
      case COLLAPSE -> collapse.collapse(vma, start, end);
      case GUARD_INSTALL -> {
        checkNotLocked(vma);
        guards.install(vma, start, end);
      }
      case GUARD_REMOVE -> guards.remove(vma, start, end);
      case POPULATE_READ, POPULATE_WRITE -> {}
    }
  }

  private void setFlags(Vma vma, long start, long end, long flags) {
    if (flags != vma.flags()) {
      vma.space().vmas().modify(vma, start, end, flags);
    }
  }

  private void checkNotLocked(Vma vma) {
    if (vma.has(VmFlag.LOCKED)) {
      throw refusal.of(Errno.EINVAL, StepKind.IS_LOCKED, vma.start(), vma.end());
    }
  }

  private void checkNotDroppable(Vma vma) {
    if (vma.has(VmFlag.DROPPABLE)) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_DROPPABLE);
    }
  }

  /** Punches a hole into what is mapped ({@code madvise_remove}). */
  private void remove(Vma vma, long start, long end) {
    checkNotLocked(vma);
    var file = vma.file();
    if (file == null) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_FILE, vma.start(), vma.end());
    }
    if (!vma.isShared() || !vma.mayWrite()) {
      throw refusal.of(Errno.EACCES, StepKind.MUST_BE_SHARED, vma.start(), vma.end());
    }
    long from = vma.filePage(start) << 12;
    int mode = Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;
    fallocate.apply(file, mode, from, end - start);
  }

  private void checkAnonymous(Vma vma) {
    if (vma.file() != null) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_ANONYMOUS, vma.start(), vma.end());
    }
  }

  /** Advice takes nobody's page: it ends where free frames do. */
  private void bringIn(Vma vma, long start, long end) {
    faults.swapIn(vma, start, end);
    var file = vma.file();
    if (file == null) {
      return;
    }
    if (file.isOnDisk()) {
      cache.readAhead(file, vma.filePage(start), end - start >>> 12, -1);
    } else {
      cache.bringAllBack(file, vma.filePage(start), end - start >>> 12);
    }
  }

  /** {@code madvise_populate}: what precedes the first page that cannot be had stays. */
  private void populate(AddressSpace space, long start, long end, Advice advice) {
    boolean write = advice == Advice.POPULATE_WRITE;
    long limit = Populate.limit(start, end);
    for (long at = start; at != limit; ) {
      Vma vma = space.find(at);
      if (vma == null) {
        throw refusal.of(Errno.ENOMEM, StepKind.HOLE, at);
      }
      if ((vma.prot() & (write ? Prot.WRITE : Prot.READ)) == 0) {
        throw refusal.of(Errno.EINVAL, StepKind.CANNOT_POPULATE, vma.start(), vma.end());
      }
      long until = Long.compareUnsigned(vma.end(), limit) < 0 ? vma.end() : limit;
      Signal.@Nullable Code code =
          populate.populate(vma, at, until, write ? Access.STORE : Access.LOAD);
      if (code != null) {
        throw new LinuxError(Errno.EFAULT);
      }
      at = until;
    }
    if (limit != end) {
      throw refusal.of(Errno.EAGAIN, StepKind.POPULATES_PART, Populate.MOST_PAGES);
    }
  }
}
