package dev.faultline.kernel.host;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.SignalInfo;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.Reference;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.kernel.mm.Vma;
import dev.faultline.kernel.process.MapsText;
import dev.faultline.kernel.process.Process;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.WalkObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A program in a laboratory, whose books are proven after each operation. */
final class LabSide implements Side {
  private static final int FRAMES = 4096;

  /** Of riscv64. */
  private static final int FCNTL = 25;

  private final TestLab lab;
  private final FileSystem fileSystem;
  private final NavigableMap<Integer, Integer> pids = new TreeMap<>();
  private final Set<Long> pinned = new HashSet<>();
  private final byte[] page = new byte[4096];

  /**
   * @param fileSystem the one that it is to be compared with
   */
  LabSide(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
    var machine = new MachineConfiguration(FRAMES, PagingMode.SV39, 32, 4, Mmu.AdBits.HARDWARE);
    var kernel = new KernelConfiguration(machine, PrivateFileStrategy.LAZY, fileSystem.prefetch());
    lab = TestLab.open(new Settings("compared", 0, kernel));
    pids.put(Comparison.FIRST_PROCESS, lab.spawn());
  }

  private int pid(int process) {
    return Objects.requireNonNull(pids.get(process));
  }

  /** The names of the processes that are alive. */
  NavigableSet<Integer> living() {
    return pids.navigableKeySet();
  }

  @Override
  public Answer perform(Operation operation) {
    if (operation.call() == Call.SMAPS) {
      return SmapsCounts.of(lab.smaps(pid(operation.process())), fileSystem);
    }
    long[] a = operation.arguments();
    if (operation.call() == Call.ADD_SEALS) {
      return Answer.of(lab.ecall(pid(operation.process()), FCNTL, a[0], Call.F_ADD_SEALS, a[1]));
    }
    if (operation.call() == Call.GET_SEALS) {
      return Answer.of(lab.ecall(pid(operation.process()), FCNTL, a[0], Call.F_GET_SEALS));
    }
    Outcome outcome = lab.run(Call.command(operation, pids));
    if (operation.call() == Call.PROCESS_VM_WRITEV && pids.get((int) a[0]) instanceof Integer pid) {
      lab.laboratory().ask(pid, (kernel, other) -> pinned.addAll(frames(other, a[2], a[2] + a[3])));
    }
    SignalInfo signal = outcome.signal();
    if (signal != null) {
      return Answer.ofSignal(
          "%s %s 0x%x".formatted(signal.signal(), signal.code(), signal.address()));
    }
    if (outcome.errno() != null) {
      return Answer.of(-outcome.errno().number());
    }
    return switch (Objects.requireNonNull(outcome.result())) {
      case Result.Bytes(byte[] bytes) -> new Answer(bytes.length, "", bytes);
      case Result.Pages(byte[] resident) -> new Answer(0, "", resident);
      case Result.Done done when operation.call() == Call.EXIT -> {
        pids.remove(operation.process());
        yield Answer.of(0);
      }
      case Result.Limits(Rlimits.Pair old) -> Answer.ofLimit(old.soft());
      case Result.Instruction fetched -> Answer.of(0);
      case Result.Pid(int child) -> {
        pids.put((int) operation.argument(0), child);
        yield Answer.of(0);
      }
      case Result other -> Answer.of(other.number());
    };
  }

  @Override
  public Snapshot snapshot(int process) {
    return lab.laboratory().ask(pid(process), this::snapshot);
  }

  private Snapshot snapshot(Kernel kernel, Process process) {
    List<Snapshot.Area> areas = new ArrayList<>();
    for (Snapshot.Area area : Snapshot.parse(MapsText.of(process))) {
      int count = (int) (area.end() - area.start() >>> 12);
      char[] pages = new char[count];
      Arrays.fill(pages, Snapshot.ABSENT);
      areas.add(area.with(pages, new int[count]));
    }
    forEachEntry(
        process,
        (va, entry) -> {
          Snapshot.Area area = Objects.requireNonNull(Snapshot.find(areas, va));
          int page = (int) (va - area.start() >>> 12);
          if (entry == Entry.GUARD) {
            area.pages()[page] = Snapshot.GUARD;
            return;
          }
          long ppn = Entry.ppn(entry);
          area.pages()[page] = what(kernel, ppn);
          area.contents()[page] = checksum(kernel, ppn);
        });
    return new Snapshot(areas);
  }

  /** The frames that a process has in a range. */
  static List<Long> frames(Process process, long from, long to) {
    List<Long> frames = new ArrayList<>();
    forEachEntry(
        process,
        (va, entry) -> {
          if (va + 4096 > from && va < to && Entry.isPresent(entry)) {
            frames.add(Entry.ppn(entry));
          }
        });
    return frames;
  }

  /** Told of the first address that an entry of the last level translates, and of the entry. */
  private interface EntryVisitor {
    void entry(long va, long entry);
  }

  private static void forEachEntry(Process process, EntryVisitor visitor) {
    process
        .space()
        .forEachRow((table, key, values) -> {
          if (table == Table.PTE && values[Table.Pte.LEVEL.ordinal()] == 0) {
            visitor.entry(values[Table.Pte.VA.ordinal()], values[Table.Pte.VALUE.ordinal()]);
          }
        });
  }

  private static char what(Kernel kernel, long ppn) {
    boolean mappedOnce = kernel.frames().count(ppn, Reference.MAPPING) == 1;
    return switch (kernel.frames().kind(ppn)) {
      case FILE -> mappedOnce ? Snapshot.FILE : Snapshot.SHARED_FILE;
      case ANON -> mappedOnce ? Snapshot.OWN : Snapshot.SHARED;
      default -> Snapshot.SHARED;
    };
  }

  private int checksum(Kernel kernel, long ppn) {
    kernel.machine().memory().get(ppn << 12, page, 0, page.length);
    var sum = new CRC32C();
    sum.update(page);
    return (int) sum.getValue();
  }

  /**
   * Whether a real process may execute what is at an address: {@code ret}, or zeros, which touch
   * the byte at 0. Appended bytes and the edges of holes can be anything there.
   */
  boolean mayExecute(int process, long address) {
    return lab.laboratory().ask(pid(process), (kernel, p) -> mayExecute(kernel, p, address));
  }

  private static boolean mayExecute(Kernel kernel, Process process, long address) {
    Vma vma = process.space().vmas().find(address);
    if (vma == null) {
      return true;
    }
    byte[] code = new byte[2];
    long physical = kernel.walk(process, address, Access.LOAD, WalkObserver.NOBODY);
    if (physical >= 0) {
      kernel.machine().memory().get(physical, code, 0, code.length);
    } else if (vma.file() != null) {
      byte[] file = kernel.cache().contents(vma.file());
      long offset = vma.fileOffset() + address - vma.start();
      for (int i = 0; i < code.length && offset + i < file.length; i++) {
        code[i] = file[(int) offset + i];
      }
    }
    return code[0] == Bytes.RETURN || code[0] == 0 && code[1] == 0;
  }

  /** Whether an operation is one that this Linux takes in a way of its own. */
  boolean isPeculiar(Operation operation) {
    return lab.laboratory()
        .ask(
            pid(operation.process()),
            (kernel, process) ->
                new Peculiarities(fileSystem, kernel, process, pinned).has(operation, pids));
  }

  @Override
  public byte @Nullable [] file(int number) {
    String path = Call.path(number);
    boolean exists = lab.laboratory().ask(kernel -> kernel.files().find(path) != null);
    return exists ? lab.file(path) : null;
  }
}
