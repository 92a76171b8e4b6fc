package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What shared memory adds to the memory that was promised ({@code Committed_AS}). */
class SharedCommitmentTest {
  private static final int FRAMES = 1024;
  private static final int SLOTS = 64;
  private static final int SHARED_ANON = SHARED | ANONYMOUS | FIXED;
  private static final int NORESERVE = MapFlag.NORESERVE.bit();
  private static final int HOLE = Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;
  private static final int LENGTH = 64 * PAGE;

  /** How often the host may be asked until nobody else's promises come between. */
  private static final int ATTEMPTS = 50;

  private static TestLab lab(Overcommit overcommit) {
    var machine = new MachineConfiguration(FRAMES, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    return TestLab.open(
        new Settings(
            "promises",
            0,
            new KernelConfiguration(
                machine,
                PrivateFileStrategy.LAZY,
                Prefetch.NONE,
                SLOTS,
                ReclaimPolicy.LRU,
                overcommit)));
  }

  private static long promised(TestLab lab) {
    return lab.laboratory().ask(kernel -> kernel.promised().pages());
  }

  private static int memfd(TestLab lab, int pid) {
    Outcome outcome = lab.run(new Command.MemfdCreate(pid, "memory", 0));
    return outcome.result() instanceof Result.Descriptor(int fd) ? fd : -1;
  }

  /** The calls that both kernels are asked to make. */
  private interface Caller {
    long promised() throws IOException;

    void map(long address, int prot, int flags, int fd);

    void unmap(long address, long length);

    void protect(long address, int prot);

    void store(long address, int length);

    void load(long address, int length);

    void advise(long address, int length, Advice advice);

    int memfd();

    void truncate(int fd, long size);

    void punch(int fd, long offset, long length);

    void write(int fd, int length);

    void read(int fd, int length, long offset);

    void close(int fd);
  }

  /** What each step promised or gave back, in pages. */
  private static List<Long> story(Caller caller, long base) throws IOException {
    long reserved = base;
    long unreserved = base + LENGTH;
    long ofMemory = base + 2 * LENGTH;
    int[] fd = {-1};
    List<Runnable> steps =
        List.of(
            () -> caller.map(reserved, RW, SHARED_ANON, -1),
            () -> caller.store(reserved, 8 * PAGE),
            () -> caller.advise(reserved, 4 * PAGE, Advice.REMOVE),
            () -> caller.protect(reserved, 0),
            () -> caller.unmap(reserved, LENGTH / 2),
            () -> caller.map(unreserved, RW, SHARED_ANON | NORESERVE, -1),
            () -> caller.store(unreserved, 8 * PAGE),
            () -> caller.store(unreserved, 8 * PAGE),
            () -> caller.load(unreserved + 16 * PAGE, 1),
            () -> caller.advise(unreserved, 4 * PAGE, Advice.REMOVE),
            () -> caller.unmap(reserved + LENGTH / 2, LENGTH / 2),
            () -> caller.unmap(unreserved, LENGTH),
            () -> caller.map(reserved, 0, SHARED_ANON, -1),
            () -> caller.unmap(reserved, LENGTH),
            () -> fd[0] = caller.memfd(),
            () -> caller.truncate(fd[0], LENGTH),
            () -> caller.write(fd[0], 8 * PAGE),
            () -> caller.read(fd[0], 8 * PAGE, 8 * PAGE),
            () -> caller.map(ofMemory, RW, PRIVATE | FIXED, fd[0]),
            () -> caller.store(ofMemory + 32 * PAGE, 1),
            () -> caller.unmap(ofMemory, LENGTH),
            () -> caller.map(ofMemory, R, SHARED | FIXED, fd[0]),
            () -> caller.load(ofMemory + 33 * PAGE, 1),
            () -> caller.advise(ofMemory, LENGTH, Advice.WILLNEED),
            () -> caller.punch(fd[0], 0, 2 * PAGE),
            () -> caller.truncate(fd[0], 6 * PAGE),
            () -> caller.truncate(fd[0], LENGTH),
            () -> caller.close(fd[0]),
            () -> caller.unmap(ofMemory, LENGTH));
    List<Long> changes = new ArrayList<>();
    long before = caller.promised();
    for (Runnable step : steps) {
      step.run();
      long after = caller.promised();
      changes.add(after - before);
      before = after;
    }
    return changes;
  }

  @Test
  void sharedMemory_isPromisedAsTheHostsKernelPromisesIt() throws Exception {
    List<Long> ours = story(new InLab(lab(Overcommit.GUESS)), HostLinux.RANGE);
    try (HostLinux host = HostLinux.open();
        Arena arena = Arena.ofConfined()) {
      if (Files.readString(Path.of("/proc/sys/vm/overcommit_memory")).strip().equals("2")) {
        throw Missing.thing("a host that honours MAP_NORESERVE", null);
      }
      var caller = new OnHost(host, arena.allocateFrom("memory"));
      List<Long> theirs = story(caller, HostLinux.RANGE);
      // Others on the machine are promised memory too, but not the same twice.
      for (int i = 0; i < ATTEMPTS; i++) {
        List<Long> again = story(caller, HostLinux.RANGE);
        if (again.equals(theirs)) {
          assertThat(ours).isEqualTo(theirs);
          return;
        }
        theirs = again;
      }
    }
    throw Missing.thing("a machine on which nobody else maps memory all the time", null);
  }

  private record InLab(TestLab lab, int pid) implements Caller {
    InLab(TestLab lab) {
      this(lab, lab.spawn());
    }

    @Override
    public long promised() {
      return SharedCommitmentTest.promised(lab);
    }

    @Override
    public void map(long address, int prot, int flags, int fd) {
      lab.mmap(pid, address, LENGTH, prot, flags, fd, 0);
    }

    @Override
    public void unmap(long address, long length) {
      lab.munmap(pid, address, length);
    }

    @Override
    public void protect(long address, int prot) {
      assertThat(lab.run(new Command.Mprotect(pid, address, LENGTH, prot)).errno()).isNull();
    }

    @Override
    public void store(long address, int length) {
      lab.write(pid, address, filled(length, 1));
    }

    @Override
    public void load(long address, int length) {
      lab.read(pid, address, length);
    }

    @Override
    public void advise(long address, int length, Advice advice) {
      Outcome outcome = lab.run(new Command.Madvise(pid, address, length, advice.number()));
      assertThat(outcome.errno()).isNull();
    }

    @Override
    public int memfd() {
      return SharedCommitmentTest.memfd(lab, pid);
    }

    @Override
    public void truncate(int fd, long size) {
      lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(fd), size));
    }

    @Override
    public void punch(int fd, long offset, long length) {
      lab.run(new Command.Fallocate(pid, new Command.ByDescriptor(fd), HOLE, offset, length));
    }

    @Override
    public void write(int fd, int length) {
      lab.run(new Command.Pwrite(pid, new Command.ByDescriptor(fd), filled(length, 1), 0));
    }

    @Override
    public void read(int fd, int length, long offset) {
      lab.run(new Command.Pread(pid, new Command.ByDescriptor(fd), length, offset));
    }

    @Override
    public void close(int fd) {
      lab.close(pid, fd);
    }
  }

  private record OnHost(HostLinux host, MemorySegment name) implements Caller {
    @Override
    public long promised() throws IOException {
      return HostLinux.meminfo("Committed_AS");
    }

    @Override
    public void map(long address, int prot, int flags, int fd) {
      assertThat(host.mmap(address, LENGTH, prot, flags, fd, 0)).isEqualTo(address);
    }

    @Override
    public void unmap(long address, long length) {
      assertThat(host.munmap(address, length)).isZero();
    }

    @Override
    public void protect(long address, int prot) {
      assertThat(host.mprotect(address, LENGTH, prot)).isZero();
    }

    @Override
    public void store(long address, int length) {
      assertThat(host.write(address, filled(length, 1))).isEqualTo(length);
    }

    @Override
    public void load(long address, int length) {
      assertThat(host.read(address, length)).hasSize(length);
    }

    @Override
    public void advise(long address, int length, Advice advice) {
      assertThat(host.madvise(address, length, advice.number())).isZero();
    }

    @Override
    public int memfd() {
      return (int) host.memfd(name, 0);
    }

    @Override
    public void truncate(int fd, long size) {
      assertThat(host.ftruncate(fd, size)).isZero();
    }

    @Override
    public void punch(int fd, long offset, long length) {
      assertThat(host.fallocate(fd, HOLE, offset, length)).isZero();
    }

    @Override
    public void write(int fd, int length) {
      assertThat(host.pwrite(fd, filled(length, 1), 0)).isEqualTo(length);
    }

    @Override
    public void read(int fd, int length, long offset) {
      assertThat(host.pread(fd, new byte[length], offset)).isEqualTo(length);
    }

    @Override
    public void close(int fd) {
      host.closeDescriptor(fd);
    }
  }

  @Test
  void guess_refusesSharedMemoryThatNoMachineCouldHold() {
    TestLab lab = lab(Overcommit.GUESS);
    int pid = lab.spawn();
    long most = (long) (FRAMES + SLOTS) * PAGE;
    long address = 0x1000_0000;
    lab.mmap(pid, address, PAGE, RW, SHARED_ANON, -1, 0);
    assertErrno(lab.tryMmap(pid, address, most + PAGE, R, SHARED_ANON, -1, 0), Errno.ENOMEM);
    assertThat(lab.maps(pid)).as("what it would have replaced is gone").doesNotContain("10000000");
    lab.mmap(pid, address, most, R, SHARED_ANON, -1, 0);
    lab.mmap(pid, address + most, most + PAGE, RW, SHARED_ANON | NORESERVE, -1, 0);
  }

  @Test
  void never_reservesSharedMemoryWholeAndRefusesPagesOfMemoryFiles() {
    TestLab lab = lab(Overcommit.NEVER);
    int pid = lab.spawn();
    long address = 0x1000_0000;
    int limit = FRAMES / 2 + SLOTS;
    lab.mmap(pid, address, (limit - 20) * PAGE, RW, SHARED_ANON | NORESERVE, -1, 0);
    assertThat(promised(lab)).isEqualTo(limit - 20);
    Outcome refused = lab.tryMmap(pid, 0x2000_0000, 30 * PAGE, RW, SHARED_ANON, -1, 0);
    assertErrno(refused, Errno.ENOMEM);
    assertThat(refused.why()).contains("30 pages more cannot be promised");
    int memory = memfd(lab, pid);
    var file = new Command.ByDescriptor(memory);
    Outcome written = lab.run(new Command.Pwrite(pid, file, filled(30 * PAGE, 1), 0));
    long there = ((Result.Written) Objects.requireNonNull(written.result())).length();
    assertThat(there).isPositive().isLessThan(20 * PAGE);
    assertErrno(lab.run(new Command.Pwrite(pid, file, new byte[1], there)), Errno.ENOSPC);
    lab.run(new Command.Ftruncate(pid, file, 30 * PAGE));
    lab.mmap(pid, 0x2000_0000, 30 * PAGE, RW, SHARED | FIXED, memory, 0);
    Outcome fault = lab.tryRead(pid, 0x2000_0000 + there, 1);
    assertSignal(fault, "SIGBUS BUS_ADRERR", 0x2000_0000 + there);
    Outcome read = lab.run(new Command.Pread(pid, file, 1, there));
    assertThat(read.errno()).as("a hole is read without a page").isNull();
    lab.munmap(pid, address, (limit - 20) * PAGE);
    assertThat(lab.read(pid, 0x2000_0000 + there, 1)).containsExactly(0);
  }

  @Test
  void pagesInSlots_arePromisedUntilTheyAreGivenBack() {
    TestLab lab = lab(Overcommit.GUESS);
    int pid = lab.spawn();
    long address = 0x1000_0000;
    int memory = memfd(lab, pid);
    var file = new Command.ByDescriptor(memory);
    lab.run(new Command.Ftruncate(pid, file, 8 * PAGE));
    lab.mmap(pid, address, 8 * PAGE, RW, SHARED | FIXED, memory, 0);
    lab.write(pid, address, filled(8 * PAGE, 1));
    lab.run(new Command.Madvise(pid, address, 8 * PAGE, Advice.PAGEOUT.number()));
    assertThat(lab.count(Table.SWAP_SLOT, Table.SwapSlot.CACHED, "1")).isEqualTo(8);
    assertThat(promised(lab)).isEqualTo(8);
    lab.run(new Command.Madvise(pid, address, 2 * PAGE, Advice.WILLNEED.number()));
    lab.run(new Command.Ftruncate(pid, file, 3 * PAGE));
    assertThat(promised(lab)).isEqualTo(3);
    int child = lab.fork(pid);
    lab.exit(pid);
    assertThat(promised(lab)).isEqualTo(3);
    lab.exit(child);
    assertThat(promised(lab)).isZero();
  }
}
