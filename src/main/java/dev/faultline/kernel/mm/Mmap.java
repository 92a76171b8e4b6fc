package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
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

  private static final long LARGEST_FILE_PAGE = Long.MAX_VALUE >> 12;

  private final FileSystem files;
  private final Munmap munmap;
  private final PageFaults faults;
  private final Populate populate;
  private final FrameTable frames;
  private final PrivateFileStrategy strategy;
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
      ChangeLog log) {
    this.files = files;
    this.munmap = munmap;
    this.faults = faults;
    this.populate = populate;
    this.frames = frames;
    this.strategy = strategy;
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
    boolean shared = isShared(prot, flags, open, fd, page, rounded);
    munmap.makeRoom(space, start, start + rounded);
    OpenFile source = open;
    if (source == null && shared) {
      source = new OpenFile(files.makeNameless("/dev/zero", rounded), OpenFlag.RDWR.bit());
      page = 0;
    }
    long pageOffset = source == null ? start >>> 12 : page;
    space.vmas().cover(start, start + rounded, vmFlags(prot, flags, shared), source, pageOffset);
    if (strategy == PrivateFileStrategy.EAGER && source != null && !shared) {
      copyEagerly(space, start, rounded);
    }
    boolean wanted = MapFlag.POPULATE.in(flags) && !MapFlag.NONBLOCK.in(flags);
    if (wanted || MapFlag.LOCKED.in(flags)) {
      populate.asFarAsPossible(space, start, start + rounded);
    }
    return start;
  }

  private static long vmFlags(int prot, int flags, boolean shared) {
    long vm = prot & VmFlag.ACCESS | (shared ? VmFlag.SHARED : 0);
    vm |= MapFlag.GROWSDOWN.in(flags) ? VmFlag.GROWSDOWN : 0;
    vm |= MapFlag.LOCKED.in(flags) ? VmFlag.LOCKED : 0;
    vm |= MapFlag.NORESERVE.in(flags) ? VmFlag.NORESERVE : 0;
    vm |= MapFlag.STACK.in(flags) ? VmFlag.NOHUGEPAGE : 0;
    // accountable_mapping
    boolean accounted = (vm & (VmFlag.NORESERVE | VmFlag.SHARED | VmFlag.WRITE)) == VmFlag.WRITE;
    return accounted ? vm | VmFlag.ACCOUNT : vm;
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

  /** Checks how the mapping is shared, and whether the descriptor allows it. */
  private boolean isShared(
      int prot, int flags, @Nullable OpenFile open, int fd, long page, long length) {
    int type = flags & MapFlag.TYPE;
    boolean shared = type == MapFlag.SHARED.bit();
    if (open == null) {
      if (!shared && type != MapFlag.PRIVATE.bit()) {
        throw refusal.of(Errno.EINVAL, StepKind.NO_SHARING_TYPE);
      }
      return shared;
    }
    if (page > LARGEST_FILE_PAGE || (length >>> 12) > LARGEST_FILE_PAGE - page) {
      throw refusal.of(Errno.EOVERFLOW, StepKind.OFFSET_OVERFLOWS, page << 12, length);
    }
    if (type == MapFlag.SHARED_VALIDATE.bit()) {
      if ((flags & ~LEGACY_FLAGS) != 0) {
        throw refusal.of(Errno.EOPNOTSUPP, StepKind.UNKNOWN_FLAGS, flags & ~LEGACY_FLAGS);
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
    return shared;
  }
}
