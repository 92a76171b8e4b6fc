package dev.faultline.kernel.ipc;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.fs.Backing;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.Attachments;
import dev.faultline.kernel.mm.Commitment;
import dev.faultline.kernel.mm.Mmap;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * System V shared memory ({@code ipc/shm.c}). A segment is a file in memory without a name, and to
 * attach it is to map that file: what a process sees of it are VMAs like others, and how many there
 * are is how often it is attached.
 */
public final class SharedMemory {
  /** {@code SHMMNI}. */
  public static final int MOST = 4096;

  /** {@code SHMMAX} and {@code SHMALL}. */
  public static final long LARGEST = -1L - (1 << 24);

  private static final int HUGETLB = 04000;
  private static final int NORESERVE = 010000;
  private static final int READ_ONLY = 010000;
  private static final int ROUND = 020000;
  private static final int REPLACE = 040000;
  private static final int EXECUTE = 0100000;
  private static final long SECOND = 1_000_000_000L;

  /** {@code struct shmid64_ds}, {@code struct shminfo64} and {@code struct shm_info}. */
  private static final int STATUS_BYTES = 112;

  private static final int LIMITS_BYTES = 72;
  private static final int USE_BYTES = 48;

  private final FileSystem files;
  private final Mmap mmap;
  private final Attachments attachments;
  private final Commitment promised;
  private final Clock clock;
  private final Refusal refusal;
  private final IpcObjects<SharedSegment> segments;

  public SharedMemory(
      FileSystem files,
      Mmap mmap,
      Attachments attachments,
      Commitment promised,
      Clock clock,
      ChangeLog log) {
    this.files = files;
    this.mmap = mmap;
    this.attachments = attachments;
    this.promised = promised;
    this.clock = clock;
    this.refusal = new Refusal(log);
    segments = new IpcObjects<>("shmget", MOST, log);
    attachments.whenRemoved(
        (file, pid) -> of(file).ifPresent(segment -> segment.wasDetached(pid, now())));
    files.inodes().whenForgotten(file -> segments.all().removeIf(each -> each.file() == file));
  }

  private long now() {
    return clock.realTime() / SECOND;
  }

  /** {@code shmget(2)}. */
  public int get(Process process, int key, long size, int flags) {
    return segments
        .get(key, flags, found -> checkSize(found, size), id -> make(process, id, key, size, flags))
        .id();
  }

  private void checkSize(SharedSegment found, long size) {
    if (Long.compareUnsigned(found.file().size(), size) < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "shmget", size);
    }
  }

  private SharedSegment make(Process process, int id, int key, long size, int flags) {
    if (size == 0 || Long.compareUnsigned(size, LARGEST) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "shmget", size);
    }
    if ((flags & HUGETLB) != 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.NO_HUGE_PAGES);
    }
    if (size < 0) {
      throw refusal.of(Errno.ENOSPC, StepKind.BAD_ARGUMENT, "shmget", size);
    }
    long pages = size + 4095 >>> 12;
    boolean reserves = (flags & NORESERVE) == 0 || promised.isStrict();
    if (reserves && !process.space().limits().mayPromise(pages)) {
      throw refusal.of(Errno.ENOMEM, StepKind.OVERCOMMITTED, pages, promised.pages());
    }
    String path = String.format(Locale.ROOT, "/SYSV%08x", key);
    RegularFile file =
        files.inodes().makeShared(path, size, reserves ? Backing.RESERVED : Backing.BY_PAGE);
    promised.reserve(file);
    file.hold();
    Owner owner = process.credentials().owner();
    return new SharedSegment(id, key, flags, owner, file, process.pid(), now());
  }

  /** {@code shmat(2)}; gives where it is attached. */
  public long attach(Process process, int id, long address, int flags) {
    AddressSpace space = process.space();
    boolean replaces = (flags & REPLACE) != 0;
    long start = (flags & ROUND) != 0 ? address & -4096L : address;
    if (id < 0 || (start & 4095) != 0 || start == 0 && replaces) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "shmat", id < 0 ? id : address);
    }
    SharedSegment segment = segments.byId(id);
    long size = segment.file().size();
    if (start != 0 && !replaces && !attachments.hasRoom(space, start, size)) {
      throw refusal.of(Errno.EINVAL, StepKind.ALREADY_MAPPED, start);
    }
    boolean reads = (flags & READ_ONLY) != 0;
    int prot = reads ? Prot.READ : Prot.READ | Prot.WRITE;
    prot |= (flags & EXECUTE) != 0 ? Prot.EXEC : 0;
    int mapFlags = MapFlag.SHARED.bit() | (address != 0 ? MapFlag.FIXED.bit() : 0);
    int openFlags = reads ? 0 : OpenFlag.RDWR.bit();
    var open = new OpenFile(segment.file(), openFlags);
    long at = mmap.map(space, start, size, prot, mapFlags, open, -1, 0);
    segment.wasAttached(process.pid(), now());
    return at;
  }

  /** {@code shmdt(2)}. */
  public void detach(Process process, long address) {
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    AddressSpace space = process.space();
    RegularFile file = attachments.beginningAt(space, address, each -> of(each).isPresent());
    if (file == null) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_ATTACHED, address);
    }
    attachments.remove(space, file, address);
  }

  private Optional<SharedSegment> of(RegularFile file) {
    return segments.all().stream().filter(each -> each.file() == file).findFirst();
  }

  /** {@code IPC_RMID}: it goes when nobody has it attached any more. */
  public void remove(int id) {
    SharedSegment segment = segments.byId(id);
    if (!segment.isGoing()) {
      segment.loseKey(SharedSegment.GOING);
      files.letGo(segment.file());
    }
  }

  /** {@code IPC_SET}. */
  public void give(int id, Owner owner, int mode) {
    SharedSegment segment = segments.byId(id);
    segment.give(owner, mode);
    segment.wasChanged(now());
  }

  /** {@code IPC_STAT}. */
  public byte[] status(int id) {
    return bytes(segments.byId(id));
  }

  /** {@code SHM_STAT}: the identifier of what is at a place of the table. */
  public int idAt(int index) {
    return segments.byIndex(index).id();
  }

  private byte[] bytes(SharedSegment segment) {
    ByteBuffer bytes = buffer(STATUS_BYTES);
    segment.putPermissions(bytes);
    int at = IpcObject.BYTES;
    bytes.putLong(at, segment.file().size()).putLong(at + 8, segment.attached());
    bytes.putLong(at + 16, segment.detached()).putLong(at + 24, segment.changed());
    bytes.putInt(at + 32, segment.creatorPid()).putInt(at + 36, segment.lastPid());
    bytes.putLong(at + 40, attachments.count(segment.file()));
    return bytes.array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@code IPC_INFO}: the limits. */
  public byte[] limits() {
    ByteBuffer bytes = buffer(LIMITS_BYTES);
    bytes.putLong(0, LARGEST).putLong(8, 1).putLong(16, MOST).putLong(24, MOST);
    return bytes.putLong(32, LARGEST).array();
  }

  /** {@code SHM_INFO}: how much there is. */
  public byte[] use() {
    long pages = segments.all().stream().mapToLong(each -> each.file().pages()).sum();
    long resident = segments.all().stream().mapToLong(this::resident).sum();
    ByteBuffer bytes = buffer(USE_BYTES).putInt(0, segments.all().size());
    return bytes.putLong(8, pages).putLong(16, resident).array();
  }

  /** The highest place of the table that is taken. */
  public int highestIndex() {
    return segments.highest();
  }

  /** Those that there are, by place. */
  public Collection<SharedSegment> all() {
    return segments.all();
  }

  /** How many VMAs map it. */
  public int attachments(SharedSegment segment) {
    return attachments.count(segment.file());
  }

  /** How many of its pages are in frames. */
  public long resident(SharedSegment segment) {
    return attachments.resident(segment.file());
  }
}
