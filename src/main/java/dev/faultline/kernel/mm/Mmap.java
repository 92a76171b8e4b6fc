package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.abi.Seal;
import dev.faultline.kernel.fs.Backing;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import org.jspecify.annotations.Nullable;

/**
 * Makes mappings ({@code mm/mmap.c}, {@code do_mmap}), with its checks in its order: what is wrong
 * in two ways is refused for the reason that Linux gives.
 */
public final class Mmap {
  /** {@code sysctl vm.max_map_count}. */
  public static final int MAX_MAP_COUNT = 65_530;

  /** {@code LEGACY_MAP_MASK}: what SHARED_VALIDATE takes without the file system's consent. */
  private static final int LEGACY_FLAGS = 0x7c07_f933;

  /** {@code MAP_HUGE_SHIFT} and the logarithms of the sizes there are: 2 MiB, 1 GiB. */
  private static final int HUGE_SHIFT = 26;

  private static final long LARGEST_FILE_PAGE = Long.MAX_VALUE >> 12;

  private final FileSystem files;
  private final Munmap munmap;
  private final PageFaults faults;
  private final Populate populate;
  private final FrameTable frames;
  private final PrivateFileStrategy strategy;
  private final Seals seals;
  private final Commitment promised;
  private final ChangeLog log;
  private final Refusal refusal;
  private final Placement placement;

  public Mmap(
      FileSystem files,
      Munmap munmap,
      PageFaults faults,
      Populate populate,
      FrameTable frames,
      PrivateFileStrategy strategy,
      Seals seals,
      Commitment promised,
      ChangeLog log) {
    this.files = files;
    this.munmap = munmap;
    this.faults = faults;
    this.populate = populate;
    this.frames = frames;
    this.strategy = strategy;
    this.seals = seals;
    this.promised = promised;
    this.log = log;
    this.refusal = new Refusal(log);
    this.placement = new Placement(log);
  }

  /**
   * Maps a file, or anonymous memory when {@code open} is null.
   *
   * @param offset in bytes, a multiple of the page size
   * @param fd the descriptor's number, for what is told
   * @return the address
   */
  public long map(
      AddressSpace space,
      long address,
      long length,
      int prot,
      int flags,
      @Nullable OpenFile open,
      int fd,
      long offset) {
    if (length == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.LENGTH_ZERO);
    }
    if (MapFlag.HUGETLB.in(flags)) {
      throw refuseHuge(address, flags, open);
    }
    long rounded = length + 4095 & ~4095L;
    if (rounded == 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.NO_GAP, length);
    }
    long page = offset >>> 12;
    if (page + (rounded >>> 12) < page) {
      throw refusal.of(Errno.EOVERFLOW, StepKind.OFFSET_OVERFLOWS, offset, length);
    }
    if (space.vmas().size() > MAX_MAP_COUNT) {
      throw refusal.of(Errno.ENOMEM, StepKind.TOO_MANY_VMAS, MAX_MAP_COUNT);
    }
    long start = place(space, address, rounded, flags);
    long wanted = vmFlags(prot, flags) | space.defaultFlags();
    checkLock(space, wanted, flags, rounded >>> 12);
    long vm = wanted | sharing(wanted, prot, flags, open, fd, page, rounded);
    if (MapFlag.NORESERVE.in(flags) && !space.limits().isStrict()) {
      vm |= VmFlag.NORESERVE;
    }
    boolean shared = (vm & VmFlag.SHARED) != 0;
    munmap.splitOff(space, start, start + rounded);
    vm |= checkRoom(space, vm, start, start + rounded);
    boolean reserves = open == null && shared && (vm & VmFlag.NORESERVE) == 0;
    boolean isEnough = !reserves || space.limits().couldPromise(rounded >>> 12);
    if (space.vmas().overlaps(start, start + rounded)) {
      munmap.removeAll(space, start, start + rounded);
    }
    if (open != null && (vm & VmFlag.SYNC) != 0 && open.file().isOnDisk()) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.NOT_DIRECT_ACCESS);
    }
    OpenFile source = open;
    if (source == null && shared) {
      if (!isEnough) {
        // What was to be replaced is gone by now (shmem_zero_setup fails behind vms_clean_up_area).
        throw refusal.of(Errno.ENOMEM, StepKind.OVERCOMMITTED, rounded >>> 12, promised.pages());
      }
      RegularFile memory =
          files.inodes().makeShared(rounded, reserves ? Backing.RESERVED : Backing.BY_PAGE);
      promised.reserve(memory);
      source = new OpenFile(memory, OpenFlag.RDWR.bit());
      page = 0;
    }
    long pageOffset = source == null ? start >>> 12 : page;
    space.vmas().cover(start, start + rounded, vm, source, pageOffset);
    if (open != null) {
      open.file().wasRead();
    }
    if (strategy == PrivateFileStrategy.EAGER && source != null && !shared) {
      copyEagerly(space, start, rounded);
    }
    boolean populates = MapFlag.POPULATE.in(flags) && !MapFlag.NONBLOCK.in(flags);
    if (populates || (vm & VmFlag.LOCKED) != 0) {
      populate.asFarAsPossible(space, start, start + rounded);
    }
    return start;
  }

  /** {@code calc_vm_prot_bits} and {@code calc_vm_flag_bits}. */
  private static long vmFlags(int prot, int flags) {
    long vm = prot & VmFlag.ACCESS;
    vm |= MapFlag.GROWSDOWN.in(flags) ? VmFlag.GROWSDOWN : 0;
    vm |= MapFlag.LOCKED.in(flags) ? VmFlag.LOCKED : 0;
    vm |= MapFlag.SYNC.in(flags) ? VmFlag.SYNC : 0;
    return MapFlag.STACK.in(flags) ? vm | VmFlag.NOHUGEPAGE : vm;
  }

  private void checkLock(AddressSpace space, long vm, int flags, long pages) {
    if (MapFlag.LOCKED.in(flags) && !space.limits().mayLockAnything()) {
      throw refusal.of(Errno.EPERM, StepKind.MAY_NOT_LOCK);
    }
    if (!space.limits().mayLock(vm, pages)) {
      throw new LinuxError(Errno.EAGAIN);
    }
  }

  /**
   * Whether there may be so much more, less what is about to go ({@code __mmap_prepare}).
   *
   * @return the flag for memory that counts as promised
   */
  private static long checkRoom(AddressSpace space, long vm, long start, long end) {
    long pages = end - start >>> 12;
    long going = 0;
    long goingPromised = 0;
    for (Vma vma = space.vmas().findFrom(start);
        vma != null && vma.start() < end;
        vma = space.vmas().findFrom(vma.end())) {
      going += vma.pages();
      goingPromised += vma.has(VmFlag.ACCOUNT) ? vma.pages() : 0;
    }
    if (!space.limits().mayExpand(vm, pages - going)) {
      throw new LinuxError(Errno.ENOMEM);
    }
    if ((vm & (VmFlag.NORESERVE | VmFlag.SHARED | VmFlag.WRITE)) != VmFlag.WRITE) {
      return 0;
    }
    if (pages != goingPromised && !space.limits().mayPromise(pages - goingPromised)) {
      throw new LinuxError(Errno.ENOMEM);
    }
    return VmFlag.ACCOUNT;
  }

  private void copyEagerly(AddressSpace space, long start, long length) {
    try {
      long copied = faults.copyPrivately(space, start, start + length);
      log.step(StepKind.EAGER, copied);
    } catch (OutOfFrames none) {
      munmap.makeRoom(space, start, start + length);
      throw refusal.of(Errno.ENOMEM, StepKind.NO_FRAME_LEFT, frames.total());
    }
  }

  private long place(AddressSpace space, long address, long length, int flags) {
    if (Long.compareUnsigned(length, space.end()) > 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.NO_GAP, length);
    }
    if (MapFlag.FIXED.in(flags) || MapFlag.FIXED_NOREPLACE.in(flags)) {
      if (Long.compareUnsigned(address, space.end() - length) > 0) {
        throw refusal.of(Errno.ENOMEM, StepKind.BEYOND_USER_SPACE, length, address);
      }
      if ((address & 4095) != 0) {
        throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
      }
      if (MapFlag.FIXED_NOREPLACE.in(flags) && space.vmas().overlaps(address, address + length)) {
        throw refusal.of(Errno.EEXIST, StepKind.ALREADY_MAPPED, address);
      }
      log.step(StepKind.KEEPS_FIXED, address);
      return address;
    }
    return placement.find(space, address, length);
  }

  /** How the mapping is shared, if the descriptor allows it, as flags of a VMA. */
  private long sharing(
      long vm, int prot, int flags, @Nullable OpenFile open, int fd, long page, long length) {
    int type = flags & MapFlag.TYPE;
    boolean growsDown = (vm & VmFlag.GROWSDOWN) != 0;
    if (open == null) {
      return anonymousSharing(type, flags, growsDown);
    }
    if (page > LARGEST_FILE_PAGE || (length >>> 12) > LARGEST_FILE_PAGE - page) {
      throw refusal.of(Errno.EOVERFLOW, StepKind.OFFSET_OVERFLOWS, page << 12, length);
    }
    boolean shared = type == MapFlag.SHARED.bit();
    if (type == MapFlag.SHARED_VALIDATE.bit()) {
      int known = open.file().isOnDisk() ? LEGACY_FLAGS | MapFlag.SYNC.bit() : LEGACY_FLAGS;
      if ((flags & ~known) != 0) {
        throw refusal.of(Errno.EOPNOTSUPP, StepKind.UNKNOWN_FLAGS, flags & ~known);
      }
      shared = true;
    }
    if (!shared && type != MapFlag.PRIVATE.bit()) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_SHARING_TYPE);
    }
    if (shared && (prot & Prot.WRITE) != 0 && !open.isWritable()) {
      throw refusal.of(Errno.EACCES, StepKind.NOT_OPEN_FOR_WRITING, fd);
    }
    if (!open.isReadable()) {
      throw refusal.of(Errno.EACCES, StepKind.NOT_OPEN_FOR_READING, fd);
    }
    if (growsDown) {
      throw refusal.of(Errno.EINVAL, StepKind.CANNOT_GROW);
    }
    return shared ? VmFlag.SHARED | sealing(open.file(), prot) : 0;
  }

  /** {@code memfd_check_seals_mmap}. */
  private long sealing(RegularFile file, int prot) {
    if ((file.seals() & Seal.NO_WRITING) == 0) {
      return 0;
    }
    if ((prot & Prot.WRITE) != 0) {
      seals.checkWrite(file);
    }
    return VmFlag.NEVER_WRITE;
  }

  private long anonymousSharing(int type, int flags, boolean growsDown) {
    if (type == MapFlag.SHARED.bit()) {
      if (growsDown) {
        throw refusal.of(Errno.EINVAL, StepKind.CANNOT_GROW);
      }
      return VmFlag.SHARED;
    }
    if (type == MapFlag.DROPPABLE.bit()) {
      if (growsDown || MapFlag.LOCKED.in(flags) || MapFlag.HUGETLB.in(flags)) {
        throw refusal.of(Errno.EINVAL, StepKind.NOT_DROPPABLE);
      }
      return VmFlag.DROPPABLE | VmFlag.NORESERVE | VmFlag.WIPEONFORK | VmFlag.DONTDUMP;
    }
    if (type != MapFlag.PRIVATE.bit()) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_SHARING_TYPE);
    }
    return 0;
  }

  /**
   * Huge pages would come from a pool of {@code hugetlbfs}, and there is none: what Linux finds
   * wrong before it looks there is refused as Linux does, and everything else for lack of pages.
   */
  private LinuxError refuseHuge(long address, int flags, @Nullable OpenFile open) {
    int shift = flags >>> HUGE_SHIFT;
    boolean known = shift == 0 || shift == 21 || shift == 30;
    long mask = (1L << (shift == 30 ? 30 : 21)) - 1;
    if (open != null || !known || MapFlag.FIXED.in(flags) && (address & mask) != 0) {
      return refusal.of(Errno.EINVAL, StepKind.NO_HUGE_PAGES);
    }
    return refusal.of(Errno.ENOMEM, StepKind.NO_HUGE_PAGES);
  }
}
