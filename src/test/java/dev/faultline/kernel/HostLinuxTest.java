package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random commands run here and on the Linux that this test runs on: results, errors, bytes, where
 * an access stops, the lines of {@code maps} and the anonymous pages present must agree after every
 * one. {@code -Dfaultline.seed} repeats a run, {@code -Dfaultline.host.operations} sets its length.
 */
class HostLinuxTest {
  private static final int OPERATIONS = Integer.getInteger("faultline.host.operations", 4_000);
  private static final int FILES = 3;

  /** Accesses stay near the mappings, so that most of them find something. */
  private static final int PAGES = 48;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final int[] hostDescriptors = new int[FILES * 3];
  private final int[] labDescriptors = new int[FILES * 3];

  @TempDir Path directory = Path.of("");

  @Test
  void randomCommands_agreeWithTheHostsKernel() throws IOException {
    System.out.println("HostLinuxTest: -Dfaultline.seed=" + seed);
    TestLab lab = TestLab.open(settings());
    try (HostLinux host = HostLinux.open()) {
      int pid = prepare(lab, host);
      for (int i = 0; i < OPERATIONS; i++) {
        String operation = operate(lab, host, pid);
        String as = "seed %d, operation %d: %s".formatted(seed, i, operation);
        assertThat(linesOf(lab.maps(pid).lines().toList())).as(as).isEqualTo(linesOf(host.maps()));
        assertThat(anonymousPages(lab, pid)).as(as).isEqualTo(host.anonymousPages());
      }
      for (int fd : hostDescriptors) {
        host.closeDescriptor(fd);
      }
    }
  }

  /** Whether pages come in alone or with others, results and private pages are the same. */
  private Settings settings() {
    Prefetch prefetch = random.nextBoolean() ? Prefetch.NONE : new Prefetch(32, 16);
    var machine = new MachineConfiguration(4096, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    return new Settings(
        "host", seed, new KernelConfiguration(machine, PrivateFileStrategy.LAZY, prefetch));
  }

  private int prepare(TestLab lab, HostLinux host) throws IOException {
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = TestLab.pattern(random.nextInt(10 * PAGE));
      Files.write(directory.resolve("file" + i), bytes);
      lab.put("/file" + i, bytes);
    }
    int pid = lab.spawn();
    for (int i = 0; i < FILES * 3; i++) {
      hostDescriptors[i] = host.open(directory.resolve("file" + i / 3), i % 3);
      labDescriptors[i] = lab.open(pid, "/file" + i / 3, i % 3);
    }
    return pid;
  }

  private String operate(TestLab lab, HostLinux host, int pid) {
    return switch (random.nextInt(28)) {
      case 10, 11, 12 -> mprotect(lab, host, pid);
      case 0, 1, 2 -> mmap(lab, host, pid);
      case 3, 4 -> munmap(lab, host, pid);
      case 5, 6 -> read(lab, host, pid);
      case 13 -> msync(lab, host, pid);
      case 14 -> ftruncate(lab, host, pid);
      case 15, 16 -> pwrite(lab, host, pid);
      case 17 -> pread(lab, host, pid);
      case 18, 19, 20 -> mremap(lab, host, pid);
      case 21, 22, 23 -> madvise(lab, host, pid);
      case 24 -> mlock(lab, host, pid);
      case 25 -> mincore(lab, host, pid);
      default -> write(lab, host, pid);
    };
  }

  private String mmap(TestLab lab, HostLinux host, int pid) {
    int file = random.nextInt(FILES * 3);
    int flags =
        switch (random.nextInt(8)) {
              case 0 -> 0;
              case 1, 2 -> MapFlag.SHARED.bit();
              case 3 -> MapFlag.SHARED_VALIDATE.bit();
              default -> MapFlag.PRIVATE.bit();
            }
            | (random.nextBoolean() ? MapFlag.ANONYMOUS.bit() : 0)
            | (random.nextInt(8) == 0 ? MapFlag.POPULATE.bit() : 0)
            | (random.nextInt(12) == 0 ? MapFlag.NORESERVE.bit() : 0)
            | (random.nextInt(20) == 0 ? MapFlag.LOCKED.bit() : 0)
            | (random.nextInt(4) > 0 ? MapFlag.FIXED.bit() : MapFlag.FIXED_NOREPLACE.bit());
    int prot = prot();
    long address = address() & (random.nextInt(30) == 0 ? -1 : -PAGE);
    long length = random.nextInt(30) == 0 ? 0 : 1 + random.nextInt(10 * PAGE);
    long offset = random.nextInt(6) * (long) PAGE + (random.nextInt(30) == 0 ? 7 : 0);
    Outcome outcome = lab.tryMmap(pid, address, length, prot, flags, labDescriptors[file], offset);
    long expected = host.mmap(address, length, prot, flags, hostDescriptors[file], offset);
    String operation =
        "mmap(0x%x, %d, %d, 0x%x, file %d mode %d, %d)"
            .formatted(address, length, prot, flags, file / 3, file % 3, offset);
    assertThat(result(outcome)).as("seed %d: %s", seed, operation).isEqualTo(expected);
    return operation;
  }

  private String munmap(TestLab lab, HostLinux host, int pid) {
    long address = address() & (random.nextInt(20) == 0 ? -1 : -PAGE);
    long length = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(10 * PAGE);
    String operation = "munmap(0x%x, %d)".formatted(address, length);
    assertThat(result(lab.munmap(pid, address, length)))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.munmap(address, length));
    return operation;
  }

  private String mprotect(TestLab lab, HostLinux host, int pid) {
    long address = address() & (random.nextInt(30) == 0 ? -1 : -PAGE);
    long length = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(10 * PAGE);
    int prot = prot();
    String operation = "mprotect(0x%x, %d, %d)".formatted(address, length, prot);
    assertThat(result(lab.run(new Command.Mprotect(pid, address, length, prot))))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.mprotect(address, length, prot));
    return operation;
  }

  private String mremap(TestLab lab, HostLinux host, int pid) {
    long address = address() & (random.nextInt(30) == 0 ? -1 : -PAGE);
    long oldLength = random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(8 * PAGE);
    long newLength =
        switch (random.nextInt(10)) {
          case 0 -> 0;
          case 1, 2, 3, 4 -> oldLength;
          default -> 1 + random.nextInt(10 * PAGE);
        };
    int flags = random.nextInt(40) == 0 ? random.nextInt(16) : 3 | random.nextInt(2) << 2;
    // Where Linux would choose a place itself, the two address spaces differ.
    flags = random.nextInt(3) == 0 ? 0 : flags;
    long newAddress = address() & (random.nextInt(30) == 0 ? -1 : -PAGE);
    String operation =
        "mremap(0x%x, %d, %d, %d, 0x%x)"
            .formatted(address, oldLength, newLength, flags, newAddress);
    if ((flags & 3) == 1) {
      return "no " + operation;
    }
    Outcome outcome =
        lab.run(new Command.Mremap(pid, address, oldLength, newLength, flags, newAddress));
    assertThat(result(outcome))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.mremap(address, oldLength, newLength, flags, newAddress));
    return operation;
  }

  private String madvise(TestLab lab, HostLinux host, int pid) {
    int[] advices = {0, 1, 2, 3, 4, 4, 4, 4, 8, 10, 11, 18, 19, 20, 22, 23, 99};
    int advice = advices[random.nextInt(advices.length)];
    long address = address() & (random.nextInt(30) == 0 ? -1 : -PAGE);
    long length = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(10 * PAGE);
    String operation = "madvise(0x%x, %d, %d)".formatted(address, length, advice);
    assertThat(result(lab.run(new Command.Madvise(pid, address, length, advice))))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.madvise(address, length, advice));
    return operation;
  }

  private String mlock(TestLab lab, HostLinux host, int pid) {
    boolean lock = random.nextInt(3) == 0;
    long address = address();
    long length = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt((lock ? 3 : 20) * PAGE);
    String operation = "%s(0x%x, %d)".formatted(lock ? "mlock" : "munlock", address, length);
    Command command =
        lock ? new Command.Mlock(pid, address, length) : new Command.Munlock(pid, address, length);
    assertThat(result(lab.run(command)))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.mlock(address, length, lock));
    return operation;
  }

  private String mincore(TestLab lab, HostLinux host, int pid) {
    long address = address() & (random.nextInt(20) == 0 ? -1 : -PAGE);
    long length = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(10 * PAGE);
    String operation = "mincore(0x%x, %d)".formatted(address, length);
    // Readahead differs, so residency itself is compared by the anonymous pages alone.
    assertThat(result(lab.run(new Command.Mincore(pid, address, length))))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.mincore(address, length));
    return operation;
  }

  private String msync(TestLab lab, HostLinux host, int pid) {
    long address = address() & (random.nextInt(20) == 0 ? -1 : -PAGE);
    long length = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(10 * PAGE);
    int flags = random.nextInt(3) > 0 ? 4 : random.nextInt(8);
    String operation = "msync(0x%x, %d, %d)".formatted(address, length, flags);
    assertThat(result(lab.run(new Command.Msync(pid, address, length, flags))))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.msync(address, length, flags));
    return operation;
  }

  private String ftruncate(TestLab lab, HostLinux host, int pid) {
    int file = random.nextInt(FILES * 3);
    long length = random.nextInt(20) == 0 ? -1 : random.nextInt(10 * PAGE);
    String operation = "ftruncate(file %d mode %d, %d)".formatted(file / 3, file % 3, length);
    assertThat(result(lab.run(new Command.Ftruncate(pid, descriptor(file), length))))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.ftruncate(hostDescriptors[file], length));
    return operation;
  }

  private String pwrite(TestLab lab, HostLinux host, int pid) {
    int file = random.nextInt(FILES * 3);
    byte[] bytes = new byte[length()];
    random.nextBytes(bytes);
    long offset = random.nextInt(30) == 0 ? -1 : random.nextInt(10 * PAGE);
    String operation =
        "pwrite(file %d mode %d, %d bytes, %d)".formatted(file / 3, file % 3, bytes.length, offset);
    assertThat(result(lab.run(new Command.Pwrite(pid, descriptor(file), bytes, offset))))
        .as("seed %d: %s", seed, operation)
        .isEqualTo(host.pwrite(hostDescriptors[file], bytes, offset));
    return operation;
  }

  private String pread(TestLab lab, HostLinux host, int pid) {
    int file = random.nextInt(FILES * 3);
    byte[] bytes = new byte[length()];
    long offset = random.nextInt(30) == 0 ? -1 : random.nextInt(10 * PAGE);
    String operation =
        "pread(file %d mode %d, %d bytes, %d)".formatted(file / 3, file % 3, bytes.length, offset);
    Outcome outcome = lab.run(new Command.Pread(pid, descriptor(file), bytes.length, offset));
    long expected = host.pread(hostDescriptors[file], bytes, offset);
    assertThat(result(outcome)).as("seed %d: %s", seed, operation).isEqualTo(expected);
    if (outcome.result() instanceof Result.Bytes(byte[] all)) {
      assertThat(all)
          .as("seed %d: %s", seed, operation)
          .isEqualTo(Arrays.copyOf(bytes, all.length));
    }
    return operation;
  }

  private Command.FileName descriptor(int file) {
    return new Command.ByDescriptor(labDescriptors[file]);
  }

  /**
   * A load from write-only memory succeeds, but process_vm_readv refuses it. On x86-64 a page that
   * may only be executed can be read too, unlike on riscv64. So both come with READ here.
   */
  private int prot() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> Prot.READ;
      case 3 -> Prot.NONE;
      case 4 -> Prot.READ | Prot.EXEC;
      case 5 -> Prot.READ | Prot.WRITE | Prot.EXEC;
      default -> Prot.READ | Prot.WRITE;
    };
  }

  private String read(TestLab lab, HostLinux host, int pid) {
    long address = address();
    int length = length();
    String operation = "read(0x%x, %d)".formatted(address, length);
    Outcome outcome = lab.tryRead(pid, address, length);
    byte[] expected = host.read(address, length);
    int done = done(outcome, address, length);
    assertThat(done).as("seed %d: %s stops", seed, operation).isEqualTo(expected.length);
    byte[] bytes =
        outcome.result() instanceof Result.Bytes(byte[] all)
            ? all
            : done == 0 ? new byte[0] : lab.read(pid, address, done);
    assertThat(bytes).as("seed %d: %s", seed, operation).isEqualTo(expected);
    return operation;
  }

  private String write(TestLab lab, HostLinux host, int pid) {
    long address = address();
    byte[] bytes = new byte[length()];
    random.nextBytes(bytes);
    String operation = "write(0x%x, %d)".formatted(address, bytes.length);
    Outcome outcome = lab.tryWrite(pid, address, bytes);
    assertThat(done(outcome, address, bytes.length))
        .as("seed %d: %s stops", seed, operation)
        .isEqualTo(host.write(address, bytes));
    return operation;
  }

  private static int done(Outcome outcome, long address, int length) {
    return outcome.signal() == null ? length : (int) (outcome.signal().address() - address);
  }

  private static long result(Outcome outcome) {
    return outcome.errno() != null
        ? -outcome.errno().number()
        : Objects.requireNonNull(outcome.result()).number();
  }

  private long address() {
    return HostLinux.RANGE + random.nextInt(PAGES * PAGE);
  }

  private int length() {
    return 1 + random.nextInt(random.nextBoolean() ? 16 : 3 * PAGE);
  }

  /**
   * A line without the inode and the device, which are each kernel's own, and with the file's name
   * alone.
   */
  private static List<String> linesOf(List<String> maps) {
    List<String> lines = new ArrayList<>();
    for (String line : maps) {
      String[] fields = line.split(" +", 6);
      String path = fields.length < 6 ? "" : fields[5];
      lines.add(
          String.join(
              " ", fields[0], fields[1], fields[2], path.substring(path.lastIndexOf('/') + 1)));
    }
    return lines;
  }

  private static boolean[] anonymousPages(TestLab lab, int pid) {
    FoldedState state = lab.state();
    Rows entries = state.rows(Table.PTE);
    Rows frames = state.rows(Table.FRAME);
    boolean[] present = new boolean[HostLinux.RANGE_PAGES];
    Arrays.stream(entries.sortedKeys())
        .filter(key -> entries.get(key, Table.Pte.PID) == pid)
        .filter(key -> entries.get(key, Table.Pte.LEVEL) == 0)
        .forEach(key -> {
          long page = (entries.get(key, Table.Pte.VA) - HostLinux.RANGE) / PAGE;
          long ppn = Entry.ppn(entries.get(key, Table.Pte.VALUE));
          String kind =
              Table.Frame.KIND.format().text(frames.get(ppn, Table.Frame.KIND), state.strings());
          present[(int) page] = !kind.equals("file");
        });
    return present;
  }
}
