package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.Audit;
import dev.faultline.kernel.KernelConfiguration;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.FrameKind;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.process.MapsText;
import dev.faultline.kernel.process.PagemapText;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.SmapsText;
import dev.faultline.log.Column;
import dev.faultline.log.Cursor;
import dev.faultline.log.Errno;
import dev.faultline.log.FoldedState;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A laboratory under test. After every command it proves that the books are right: the audit's
 * recount, and the folded log equal to the live machine.
 */
public final class TestLab {
  public static final int PAGE = 4096;
  public static final int SUPERPAGE = 512 * PAGE;
  public static final int R = Prot.READ;
  public static final int RW = Prot.READ | Prot.WRITE;
  public static final int RX = Prot.READ | Prot.EXEC;
  public static final int PRIVATE = MapFlag.PRIVATE.bit();
  public static final int SHARED = MapFlag.SHARED.bit();
  public static final int ANONYMOUS = MapFlag.ANONYMOUS.bit();
  public static final int FIXED = MapFlag.FIXED.bit();
  public static final int RDONLY = OpenFlag.RDONLY.bit();
  public static final int WRONLY = OpenFlag.WRONLY.bit();
  public static final int RDWR = OpenFlag.RDWR.bit();

  private final Laboratory lab;

  private TestLab(Laboratory lab) {
    this.lab = lab;
    NothingLeft.opened(this);
  }

  /**
   * Ends every process and deletes every file. What is left then is the kernel's own: the zero
   * page, and cached pages of what it maps into every program.
   */
  void assertNothingIsLeft() {
    lab.<List<Integer>>ask(kernel ->
            kernel.processes().all().stream().filter(Process::isAlive).map(Process::pid).toList())
        .forEach(this::exit);
    lab.<List<String>>ask(kernel -> List.copyOf(kernel.files().byPath().keySet()))
        .forEach(this::delete);
    Rows frames = state().rows(Table.FRAME);
    for (long ppn : frames.sortedKeys()) {
      boolean isKernels =
          frames.get(ppn, Table.Frame.KIND) == FrameKind.ZERO.ordinal()
              || frames.get(ppn, Table.Frame.REFS) == 1 && frames.get(ppn, Table.Frame.CACHED) == 1;
      assertThat(isKernels).as("frame %s is free when nobody is left", ppn).isTrue();
    }
    assertThat(state().rows(Table.SWAP_SLOT).size()).as("swap slots in use").isZero();
    assertThat(state().rows(Table.PTE).size()).as("table entries").isZero();
    assertThat(state().rows(Table.VMA).size()).as("VMAs").isZero();
  }

  public static TestLab open(Settings settings) {
    return open(settings, Limits.DEFAULT);
  }

  public static TestLab open(Settings settings, Limits limits) {
    return new TestLab(new Laboratories(limits).open(settings));
  }

  public static TestLab lazy() {
    return open(Settings.of("test", PrivateFileStrategy.LAZY));
  }

  /**
   * Few frames, a TLB of eight rows, somewhere for pages to go, and more promised than there is.
   */
  public static TestLab withSwap(int frames, int slots, ReclaimPolicy policy) {
    var machine = new MachineConfiguration(frames, PagingMode.SV39, 8, 2, AdBits.HARDWARE);
    return open(
        new Settings(
            "test",
            0,
            new KernelConfiguration(
                machine,
                PrivateFileStrategy.LAZY,
                Prefetch.NONE,
                slots,
                policy,
                Overcommit.ALWAYS)));
  }

  public static TestLab eager() {
    return open(Settings.of("test", PrivateFileStrategy.EAGER));
  }

  public Laboratory laboratory() {
    return lab;
  }

  /** Runs a command, proves the books, and tells every step of it in words. */
  public Outcome run(Command command) {
    Outcome outcome = lab.execute(command);
    Cursor told = lab.log().cursor(Math.max(outcome.firstSequence() - 1, lab.log().oldest()));
    while (told.sequence() < outcome.lastSequence() && told.next()) {
      if (told.type() == RecordType.STEP) {
        assertThat(told.text()).isNotEmpty();
      }
    }
    Audit audit = lab.audit();
    assertThat(audit.violations()).as("audit after %s: %s", command, outcome.story()).isEmpty();
    return outcome;
  }

  public int spawn() {
    return ((Result.Pid) result(run(new Command.Spawn("test")))).pid();
  }

  public int fork(int pid) {
    return ((Result.Pid) result(run(new Command.Fork(pid)))).pid();
  }

  public void exit(int pid) {
    result(run(new Command.Exit(pid, 0)));
  }

  public void put(String path, byte[] bytes) {
    result(run(new Command.PutFile(path, 0644, bytes)));
  }

  public void delete(String path) {
    result(run(new Command.DeleteFile(path)));
  }

  public int open(int pid, String path, int flags) {
    return ((Result.Descriptor) result(run(new Command.Open(pid, path, flags, 0644)))).fd();
  }

  public void close(int pid, int fd) {
    result(run(new Command.Close(pid, fd)));
  }

  /** Maps, where no address is asked for. */
  public long mmap(int pid, long length, int prot, int flags, int fd) {
    return mmap(pid, 0, length, prot, flags, fd, 0);
  }

  public long mmap(int pid, long address, long length, int prot, int flags, int fd, long offset) {
    return ((Result.Address) result(tryMmap(pid, address, length, prot, flags, fd, offset)))
        .address();
  }

  public Outcome tryMmap(
      int pid, long address, long length, int prot, int flags, int fd, long offset) {
    return run(new Command.Mmap(pid, address, length, prot, flags, fd, offset));
  }

  public Outcome munmap(int pid, long address, long length) {
    return run(new Command.Munmap(pid, address, length));
  }

  public byte[] read(int pid, long address, int length) {
    return ((Result.Bytes) result(tryRead(pid, address, length))).bytes();
  }

  public Outcome tryRead(int pid, long address, int length) {
    return run(new Command.Read(pid, address, length));
  }

  public Outcome write(int pid, long address, byte[] bytes) {
    Outcome outcome = tryWrite(pid, address, bytes);
    result(outcome);
    return outcome;
  }

  public Outcome tryWrite(int pid, long address, byte[] bytes) {
    return run(new Command.Write(pid, address, bytes));
  }

  /** A system call by its number, as a program's {@code ecall} makes it; then proves the books. */
  public long ecall(int pid, int number, long... arguments) {
    long result =
        lab.ask(
            pid,
            (kernel, process) ->
                kernel.systemCalls().byNumber(process, number, Arrays.copyOf(arguments, 6)));
    run(new Command.Brk(pid, 0));
    return result;
  }

  /** What {@code mincore} gave: a byte for each page. */
  public static byte[] pages(Outcome outcome) {
    return ((Result.Pages) result(outcome)).resident();
  }

  /** The file's bytes, as a read would see them. */
  public byte[] file(String path) {
    return lab.ask(
        kernel -> kernel.cache().contents(Objects.requireNonNull(kernel.files().find(path))));
  }

  public String maps(int pid) {
    return lab.ask(pid, (kernel, process) -> MapsText.of(process));
  }

  public String smaps(int pid) {
    return lab.ask(
        pid,
        (kernel, process) ->
            SmapsText.of(
                process,
                kernel.frames(),
                kernel.cache(),
                kernel.swap(),
                lab.settings().kernel().thp()));
  }

  public String smapsRollup(int pid) {
    return lab.ask(
        pid,
        (kernel, process) ->
            SmapsText.rollup(process, kernel.frames(), kernel.cache(), kernel.swap()));
  }

  public String pagemap(int pid) {
    return lab.ask(pid, (kernel, process) -> PagemapText.of(process, kernel.frames()));
  }

  /** The log's records, those of operations and steps with their sentences. */
  public List<String> records() {
    List<String> records = new ArrayList<>();
    Cursor cursor = lab.log().cursor(0);
    while (cursor.next()) {
      boolean hasText = cursor.type() == RecordType.OPERATION || cursor.type() == RecordType.STEP;
      records.add(cursor.type() + " " + (hasText ? cursor.text() : ""));
    }
    return records;
  }

  public int freeFrames() {
    return lab.ask(kernel -> kernel.frames().free());
  }

  public FoldedState state() {
    return lab.stateAt(lab.log().head());
  }

  /** How many rows of a table have this value in a column, as it is shown. */
  public long count(Table table, Column column, String shown) {
    FoldedState state = state();
    Rows rows = state.rows(table);
    return Arrays.stream(rows.sortedKeys())
        .filter(key -> column.format().text(rows.get(key, column), state.strings()).equals(shown))
        .count();
  }

  /** The frame that an address is mapped to. */
  public long frameOf(int pid, long va) {
    long superpage = superpage(pid, va);
    return superpage == 0 ? entry(pid, va) >>> 10 : (superpage >>> 10) + (va >>> 12 & 511);
  }

  /** The leaf of the superpage that translates an address, 0 when there is none. */
  public long superpage(int pid, long va) {
    long leaf = entry(pid, va & -SUPERPAGE, 1);
    return (leaf & 0xe) == 0 ? 0 : leaf;
  }

  /** The leaf of a small page that translates an address, 0 when there is none. */
  public long entry(int pid, long va) {
    return entry(pid, va & -PAGE, 0);
  }

  private long entry(int pid, long va, int level) {
    Rows rows = state().rows(Table.PTE);
    return Arrays.stream(rows.sortedKeys())
        .filter(key -> rows.get(key, Table.Pte.PID) == pid)
        .filter(key -> rows.get(key, Table.Pte.LEVEL) == level)
        .filter(key -> rows.get(key, Table.Pte.VA) == va)
        .map(key -> rows.get(key, Table.Pte.VALUE))
        .findFirst()
        .orElse(0);
  }

  public long frame(long ppn, Table.Frame column) {
    return state().rows(Table.FRAME).get(ppn, column);
  }

  /** The kinds of the steps that an operation's story has. */
  public List<StepKind> steps(Outcome outcome) {
    List<StepKind> steps = new ArrayList<>();
    Cursor cursor = lab.log().cursor(outcome.firstSequence() - 1);
    while (cursor.sequence() < outcome.lastSequence() && cursor.next()) {
      if (cursor.type() == RecordType.STEP) {
        steps.add(cursor.step());
      }
    }
    return steps;
  }

  private static Result result(Outcome outcome) {
    assertThat(outcome.result()).as(outcome.story()).isNotNull();
    return Objects.requireNonNull(outcome.result());
  }

  public static void assertErrno(Outcome outcome, Errno errno) {
    assertThat(outcome.errno()).as(outcome.story()).isEqualTo(errno);
    assertThat(outcome.why()).as("why").isNotBlank();
  }

  /** {@code "SIGSEGV SEGV_MAPERR"} and the like. */
  public static void assertSignal(Outcome outcome, String nameAndCode, long address) {
    var signal = outcome.signal();
    assertThat(signal).as(outcome.story()).isNotNull();
    Objects.requireNonNull(signal);
    assertThat(signal.signal() + " " + signal.code()).isEqualTo(nameAndCode);
    assertThat(signal.address()).isEqualTo(address);
    assertThat(outcome.why()).as("why").isNotBlank();
  }

  public static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Bytes that differ from page to page and within each. */
  public static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + (i >>> 12) * 7 + 1);
    }
    return bytes;
  }
}
