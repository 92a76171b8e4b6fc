package dev.faultline.bench;

import dev.faultline.kernel.HostLinux;
import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Quota;
import dev.faultline.lab.Limits;
import dev.faultline.log.ChangeLog;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.NullMarked;

/**
 * What memory management costs, in nanoseconds: our kernel under a running program, once with its
 * log and once with a log that keeps nothing, beside the kernel of the host, round by round in the
 * same minute. Each figure is the median of its rounds: {@code scripts/bench MemoryBench}.
 */
@NullMarked
final class MemoryBench {
  private static final int PAGE = 4096;
  private static final int PAGES = 512;
  private static final int FORKED_PAGES = 10_000;
  private static final int FRAMES = 32_768;
  private static final int WARM_ROUNDS = Integer.getInteger("warm", 600);
  private static final int ROUNDS = Integer.getInteger("rounds", 400);
  private static final int ANON = MapFlag.PRIVATE.bit() | MapFlag.ANONYMOUS.bit();
  private static final int PRIVATE = MapFlag.PRIVATE.bit();
  private static final int RW = Prot.READ | Prot.WRITE;
  private static final int RWX = RW | Prot.EXEC;

  private static final String WRITE = "anonymous write fault";
  private static final String COPY = "private-file copy-on-write fault";
  private static final String READ = "minor file read fault";
  private static final String AROUND = "the same, fault-around 16, a page";
  private static final String PAIR = "mmap + munmap";
  private static final String FORK = "fork of 10,000 mapped pages";
  private static final String UNMAP = "munmap, a page";

  /** Somebody who can do what is measured; each method gives the nanoseconds of one. */
  private interface Contender {
    /**
     * Touches {@link #PAGES} pages of fresh memory, and unmaps them: the costs of a page of each.
     */
    long[] touch(boolean isFile, boolean isWrite) throws Throwable;

    /** Reads as many pages, each mapped alone. */
    long touchAlone() throws Throwable;

    long pair() throws Throwable;

    long fork() throws Throwable;
  }

  private MemoryBench() {}

  public static void main(String[] arguments) throws Throwable {
    Path file = Files.write(Files.createTempFile("bench", ""), new byte[PAGES * PAGE]);
    try (Host host = new Host(file)) {
      List<Column> columns =
          List.of(
              ours("log on", () -> new ChangeLog(Limits.DEFAULT.logWords())),
              ours("log off", ChangeLog::forgetting),
              new Column("host", host, host));
      Map<String, Map<String, long[]>> figures = new LinkedHashMap<>();
      for (int round = -WARM_ROUNDS; round < ROUNDS; round++) {
        for (Column column : columns) {
          run(column, figures, round);
        }
      }
      print(figures);
    } finally {
      Files.delete(file);
    }
  }

  /** Who is measured, and the same with fault-around. */
  private record Column(String name, Contender contender, Contender around) {}

  private static Column ours(String name, Supplier<ChangeLog> log) {
    return new Column(name, new Ours(log.get(), 0), new Ours(log.get(), 16));
  }

  private static void run(Column column, Map<String, Map<String, long[]>> figures, int round)
      throws Throwable {
    String name = column.name();
    Contender contender = column.contender();
    // Whoever ran before left the caches full of his own.
    contender.touch(false, true);
    long[] write = contender.touch(false, true);
    note(figures, WRITE, name, round, write[0]);
    note(figures, COPY, name, round, contender.touch(true, true)[0]);
    note(figures, READ, name, round, contender.touchAlone());
    note(figures, AROUND, name, round, column.around().touch(true, false)[0]);
    note(figures, PAIR, name, round, contender.pair());
    if (round % 10 == 0) {
      note(figures, FORK, name, round / 10, contender.fork());
    }
    note(figures, UNMAP, name, round, write[1]);
  }

  private static void note(
      Map<String, Map<String, long[]>> figures, String row, String name, int round, long nanos) {
    if (round >= 0) {
      int rounds = row.equals(FORK) ? ROUNDS / 10 : ROUNDS;
      figures.computeIfAbsent(row, absent -> new LinkedHashMap<>())
              .computeIfAbsent(name, absent -> new long[rounds])[round] =
          nanos;
    }
  }

  private static void print(Map<String, Map<String, long[]>> figures) {
    System.out.printf("%-36s %10s %10s %10s%n", "nanoseconds", "log on", "log off", "host");
    figures.forEach((row, byName) -> {
      System.out.printf("%-36s", row);
      byName
          .values()
          .forEach(values -> {
            Arrays.sort(values);
            System.out.printf(" %10d", values[values.length / 2]);
          });
      System.out.println();
    });
  }

  /** Our kernel, driven by a program on its hart. */
  private static final class Ours implements Contender {
    private static final int A0 = 10;
    private static final int S0 = 8;
    private static final int EBREAK = 0x0010_0073;

    /** sb zero, 0(a0); add a0, a0, a1; bne a0, a2, the first. */
    private static final int[] STORES = {0x0005_0023, 0x00b5_0533, 0xfec5_1ce3, EBREAK};

    /** lbu a3, 0(a0), and the same. */
    private static final int[] LOADS = {0x0005_4683, 0x00b5_0533, 0xfec5_1ce3, EBREAK};

    /** mmap(0, 4096, 3, 0x22, -1, 0), munmap of what it gave, and again s0 times. */
    private static final int[] PAIRS = {
      0x0000_0513,
      0x0000_15b7,
      0x0030_0613,
      0x0220_0693,
      0xfff0_0713,
      0x0000_0793,
      0x0de0_0893,
      0x0000_0073,
      0x0000_15b7,
      0x0d70_0893,
      0x0000_0073,
      0xfff4_0413,
      0xfc04_18e3,
      EBREAK
    };

    private static final int[][] PROGRAMS = {STORES, LOADS, PAIRS};

    private final ChangeLog log;
    private final Kernel kernel;
    private final Process process;
    private final long code;
    private final int fd;

    Ours(ChangeLog log, int faultAround) {
      this.log = log;
      var machine = new MachineConfiguration(FRAMES, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
      kernel =
          new Kernel(
              new KernelConfiguration(
                  machine, PrivateFileStrategy.LAZY, new Prefetch(0, faultAround)),
              new Quota(256, 4_096, 64 << 20, 65_536, 8 << 20),
              log);
      kernel.files().put("/f", 0644, new byte[PAGES * PAGE]);
      process = kernel.processes().spawn("bench");
      fd = kernel.syscalls().open(process, "/f", OpenFlag.RDONLY.bit(), 0);
      code = map(PROGRAMS.length * (long) PAGE, RWX, ANON, -1);
      for (int i = 0; i < PROGRAMS.length; i++) {
        ByteBuffer bytes = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(PROGRAMS[i]);
        kernel.write(process, code + (long) i * PAGE, bytes.array());
      }
      // every page of the file into the page cache
      long address = map(PAGES * (long) PAGE, Prot.READ, PRIVATE, fd);
      kernel.read(process, address, PAGES * PAGE);
      kernel.syscalls().munmap(process, address, PAGES * (long) PAGE);
    }

    private long map(long length, int prot, int flags, int descriptor) {
      return kernel.syscalls().mmap(process, 0, length, prot, flags, descriptor, 0);
    }

    /** Runs a program until its ebreak; gives the nanoseconds. */
    private long run(int[] program) {
      Hart hart = kernel.machine().hart();
      hart.setPc(code + Arrays.asList(PROGRAMS).indexOf(program) * (long) PAGE);
      long begin = System.nanoTime();
      Hart.Stop stop = hart.run(Integer.MAX_VALUE);
      long nanos = System.nanoTime() - begin;
      if (stop != Hart.Stop.KERNEL || hart.scause() != 3) {
        throw new IllegalStateException(stop + ", scause " + hart.scause());
      }
      hart.settle();
      log.publish();
      kernel.checkLedger();
      return nanos;
    }

    private long walkPages(boolean isWrite, long address) {
      Hart hart = kernel.machine().hart();
      hart.setRegister(A0, address);
      hart.setRegister(A0 + 1, PAGE);
      hart.setRegister(A0 + 2, address + PAGES * (long) PAGE);
      return run(isWrite ? STORES : LOADS) / PAGES;
    }

    @Override
    public long[] touch(boolean isFile, boolean isWrite) {
      long length = PAGES * (long) PAGE;
      long address = map(length, RW, isFile ? PRIVATE : ANON, isFile ? fd : -1);
      long touched = walkPages(isWrite, address);
      long begin = System.nanoTime();
      kernel.syscalls().munmap(process, address, length);
      return new long[] {touched, (System.nanoTime() - begin) / PAGES};
    }

    @Override
    public long touchAlone() {
      return touch(true, false)[0];
    }

    @Override
    public long pair() {
      kernel.machine().hart().setRegister(S0, PAGES);
      return run(PAIRS) / PAGES;
    }

    @Override
    public long fork() {
      long length = FORKED_PAGES * (long) PAGE;
      long address = map(length, RW, ANON, -1);
      for (int done = 0; done + PAGES <= FORKED_PAGES + PAGES; done += PAGES) {
        int now = Math.min(PAGES, FORKED_PAGES - done);
        Hart hart = kernel.machine().hart();
        if (now > 0) {
          hart.setRegister(A0, address + done * (long) PAGE);
          hart.setRegister(A0 + 1, PAGE);
          hart.setRegister(A0 + 2, address + (done + now) * (long) PAGE);
          run(STORES);
        }
      }
      long begin = System.nanoTime();
      Process child = kernel.processes().fork(process);
      long nanos = System.nanoTime() - begin;
      kernel.exit(child, 0);
      kernel.syscalls().munmap(process, address, length);
      return nanos;
    }
  }

  /** The host's Linux, driven by this very program. */
  private static final class Host implements Contender, AutoCloseable {
    private static final int NOHUGEPAGE = 15;

    /** fork(2) as x86-64 has it; the child ends at once. */
    private static final byte[] FORK_CODE = {
      (byte) 0xb8,
      57,
      0,
      0,
      0,
      0x0f,
      0x05, // mov eax, 57; syscall
      (byte) 0x85,
      (byte) 0xc0,
      0x75,
      9, // test eax, eax; jne the last
      0x31,
      (byte) 0xff,
      (byte) 0xb8,
      (byte) 231,
      0,
      0,
      0,
      0x0f,
      0x05, // exit_group(0)
      (byte) 0xc3 // ret
    };

    private final HostLinux linux = HostLinux.open();
    private final int fd;
    private final MethodHandle fork;
    private final MethodHandle waitpid;

    Host(Path file) {
      fd = linux.open(file, OpenFlag.RDONLY.bit());
      long code = map(HostLinux.RANGE - PAGE, PAGE, RWX, ANON, -1);
      MemorySegment.copy(FORK_CODE, 0, at(code, PAGE), ValueLayout.JAVA_BYTE, 0, FORK_CODE.length);
      Linker linker = Linker.nativeLinker();
      fork =
          linker.downcallHandle(
              MemorySegment.ofAddress(code), FunctionDescriptor.of(ValueLayout.JAVA_INT));
      waitpid =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("waitpid"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT));
    }

    private long map(long address, long length, int prot, int flags, int descriptor) {
      return linux.mmap(address, length, prot, flags | MapFlag.FIXED.bit(), descriptor, 0);
    }

    private static MemorySegment at(long address, long length) {
      return MemorySegment.ofAddress(address).reinterpret(length);
    }

    private static long walkPages(boolean isWrite, long address, int pages) {
      MemorySegment memory = at(address, pages * (long) PAGE);
      long begin = System.nanoTime();
      long sum = 0;
      for (long offset = 0; offset < pages * (long) PAGE; offset += PAGE) {
        if (isWrite) {
          memory.set(ValueLayout.JAVA_BYTE, offset, (byte) 1);
        } else {
          sum += memory.get(ValueLayout.JAVA_BYTE, offset);
        }
      }
      if (sum != 0) {
        throw new IllegalStateException("the file holds zeros");
      }
      return (System.nanoTime() - begin) / pages;
    }

    @Override
    public long[] touch(boolean isFile, boolean isWrite) {
      long length = PAGES * (long) PAGE;
      map(HostLinux.RANGE, length, RW, isFile ? PRIVATE : ANON, isFile ? fd : -1);
      linux.madvise(HostLinux.RANGE, length, NOHUGEPAGE);
      long touched = walkPages(isWrite, HostLinux.RANGE, PAGES);
      long begin = System.nanoTime();
      linux.munmap(HostLinux.RANGE, length);
      return new long[] {touched, (System.nanoTime() - begin) / PAGES};
    }

    /** The same page of the file again and again, so that the VMAs do not merge. */
    @Override
    public long touchAlone() {
      for (int i = 0; i < PAGES; i++) {
        map(HostLinux.RANGE + i * (long) PAGE, PAGE, RW, PRIVATE, fd);
      }
      long touched = walkPages(false, HostLinux.RANGE, PAGES);
      linux.munmap(HostLinux.RANGE, PAGES * (long) PAGE);
      return touched;
    }

    @Override
    public long pair() {
      long begin = System.nanoTime();
      for (int i = 0; i < PAGES; i++) {
        linux.munmap(linux.mmap(0, PAGE, RW, ANON, -1, 0), PAGE);
      }
      return (System.nanoTime() - begin) / PAGES;
    }

    /** What the pages add to a fork of this JVM. */
    @Override
    public long fork() throws Throwable {
      long without = forkNow();
      long length = FORKED_PAGES * (long) PAGE;
      map(HostLinux.RANGE, length, RW, ANON, -1);
      linux.madvise(HostLinux.RANGE, length, NOHUGEPAGE);
      walkPages(true, HostLinux.RANGE, FORKED_PAGES);
      long with = forkNow();
      linux.munmap(HostLinux.RANGE, length);
      return with - without;
    }

    private long forkNow() throws Throwable {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
        long begin = System.nanoTime();
        int child = (int) fork.invokeExact();
        long nanos = System.nanoTime() - begin;
        int ended = (int) waitpid.invokeExact(child, status, 0);
        if (ended != child) {
          throw new IllegalStateException("waitpid: " + ended);
        }
        return nanos;
      }
    }

    @Override
    public void close() throws IOException {
      linux.closeDescriptor(fd);
      linux.close();
    }
  }
}
