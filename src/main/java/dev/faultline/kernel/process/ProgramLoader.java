package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RandomBytes;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.AddressSpaces;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.Layout;
import dev.faultline.kernel.mm.Mmap;
import dev.faultline.kernel.mm.Munmap;
import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.mm.ProgramStart;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the address space of a new program ({@code fs/exec.c}, {@code fs/binfmt_elf.c}, {@code
 * fs/binfmt_script.c}). Everything is made beside the old one, so that a refusal changes nothing.
 *
 * <p>A segment is mapped from its file as far as the file goes; what its last page holds beyond is
 * zeroed by the kernel, which copies that page as any write to a private file page does; the pages
 * after it are anonymous. The first segment of what is not at fixed addresses is mapped with the
 * length of all of them, so that one gap holds them, and the rest is unmapped again.
 */
public final class ProgramLoader {
  /** {@code BINPRM_BUF_SIZE}. */
  private static final int LONGEST_FIRST_LINE = 256;

  private static final int MOST_SCRIPTS = 5;

  /** {@code MAX_ARG_STRLEN} and, for all strings, a quarter of the stack's limit. */
  public static final int LONGEST_STRING = 32 * 4096;

  public static final long MOST_STRING_BYTES = Layout.STACK_LIMIT / 4;

  private final FileSystem files;
  private final FileAccess access;
  private final Mmap mmap;
  private final Munmap munmap;
  private final AddressSpaces spaces;
  private final Layout layout;
  private final Vdso vdso;
  private final UserAccess user;
  private final RandomBytes random;
  private final ChangeLog log;
  private final Refusal refusal;

  public ProgramLoader(
      FileSystem files,
      FileAccess access,
      Mmap mmap,
      Munmap munmap,
      AddressSpaces spaces,
      UserAccess user,
      RandomBytes random,
      ChangeLog log) {
    this.files = files;
    this.access = access;
    this.mmap = mmap;
    this.munmap = munmap;
    this.spaces = spaces;
    this.layout = new Layout(mmap);
    this.vdso = new Vdso(files, mmap);
    this.user = user;
    this.random = random;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /**
   * Loads a program for a process, or the one that a script names.
   *
   * @param before what the process had until now, whose limits hold for the program too; null for a
   *     process that begins
   * @param starter who starts it
   * @throws LinuxError when it cannot be loaded
   */
  Program load(
      int pid,
      @Nullable AddressSpace before,
      Credentials starter,
      Directory start,
      String path,
      List<byte[]> arguments,
      List<byte[]> environment) {
    List<byte[]> argv = new ArrayList<>(arguments);
    String file = path;
    OpenFile open = files.openProgram(start, file);
    for (int scripts = 0; isScript(open); scripts++) {
      if (scripts == MOST_SCRIPTS) {
        throw refusal.of(Errno.ELOOP, StepKind.TOO_MANY_LINKS, path);
      }
      List<String> words = firstLine(open);
      if (!argv.isEmpty()) {
        argv.removeFirst();
      }
      argv.addFirst(file.getBytes(StandardCharsets.UTF_8));
      for (String word : words.reversed()) {
        argv.addFirst(word.getBytes(StandardCharsets.UTF_8));
      }
      file = words.getFirst();
      open = files.openProgram(start, file);
    }
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (UserStack.size(name, argv, environment) > MOST_STRING_BYTES) {
      throw refusal.of(Errno.E2BIG, StepKind.ARGUMENTS_TOO_LONG, MOST_STRING_BYTES);
    }
    ElfFile elf = read(open);
    OpenFile interpreterFile = null;
    ElfFile interpreter = null;
    if (elf.interpreter() != null) {
      interpreterFile = files.openProgram(start, elf.interpreter());
      interpreter = readInterpreter(interpreterFile);
    }
    AddressSpace space = spaces.make(pid);
    if (before != null) {
      space.inheritLimits(before);
    }
    try {
      layout.makeStack(space, UserStack.size(name, argv, environment), elf.executableStack());
      long bias = elf.type() == ElfFile.SHARED_OBJECT ? Layout.PIE_BASE : 0;
      bias = map(space, elf, open, bias, elf.type() == ElfFile.EXECUTABLE);
      log.step(
          StepKind.LOADS_PROGRAM,
          log.intern(open.path()),
          elf.segments().size(),
          elf.entry() + bias,
          bias);
      long entry = elf.entry() + bias;
      long base = 0;
      if (interpreter != null && interpreterFile != null) {
        base = map(space, interpreter, interpreterFile, 0, false);
        entry = interpreter.entry() + base;
        log.step(StepKind.LOADS_INTERPRETER, log.intern(interpreterFile.path()), base, entry);
      }
      vdso.map(space);
      Credentials credentials = starter.ofProgram(open.status());
      var vector =
          new AuxiliaryVector(
              credentials, elf.headers() + bias, elf.headerCount(), base, elf.entry() + bias);
      var stack = new UserStack(space, user);
      long sp = stack.fill(name, argv, environment, random.next(16), vector);
      log.step(StepKind.FILLS_STACK, argv.size(), environment.size(), sp);
      space.place(endOf(elf, bias), sp, started(elf, bias, stack));
      return new Program(open.path(), credentials, space, entry, sp);
    } catch (LinuxError | OutOfFrames failed) {
      spaces.takeDown(space);
      throw failed;
    }
  }

  /** What {@code load_elf_binary} keeps in {@code mm} for {@code /proc}. */
  private static ProgramStart started(ElfFile elf, long bias, UserStack stack) {
    long codeStart = Long.MAX_VALUE - bias;
    long codeEnd = 0;
    long dataStart = 0;
    long dataEnd = 0;
    for (ElfFile.Segment segment : elf.segments()) {
      long fileEnd = segment.address() + segment.fileSize();
      if (segment.isExecutable()) {
        codeStart = Math.min(codeStart, segment.address());
        codeEnd = Math.max(codeEnd, fileEnd);
      }
      dataStart = Math.max(dataStart, segment.address());
      dataEnd = Math.max(dataEnd, fileEnd);
    }
    return new ProgramStart(
        Math.min(codeStart, codeEnd) + bias,
        codeEnd + bias,
        dataStart + bias,
        dataEnd + bias,
        stack.arguments(),
        stack.environment(),
        stack.auxiliaryVector());
  }

  private static long endOf(ElfFile elf, long bias) {
    long end = elf.segments().stream().mapToLong(ElfFile.Segment::end).max().orElse(0);
    return end + bias + 4095 & -4096L;
  }

  private boolean isScript(OpenFile open) {
    byte[] start = access.read(open, 0, 2);
    return start.length == 2 && start[0] == '#' && start[1] == '!';
  }

  /** The interpreter that a script names, and the one argument that it may give. */
  private List<String> firstLine(OpenFile open) {
    String start =
        new String(access.read(open, 0, LONGEST_FIRST_LINE), StandardCharsets.ISO_8859_1);
    int end = start.indexOf('\n');
    String line = (end < 0 ? start : start.substring(0, end)).substring(2).strip();
    String[] parts = line.split("[ \t]+", 2);
    if (parts[0].isEmpty() || end < 0 && start.length() == LONGEST_FIRST_LINE) {
      throw refusal.of(
          Errno.ENOEXEC, StepKind.NO_PROGRAM, open.path(), "its first line names no interpreter");
    }
    return List.of(parts);
  }

  private ElfFile read(OpenFile open) {
    try {
      return ElfFile.read((offset, length) -> access.read(open, offset, length));
    } catch (ElfFile.MalformedException malformed) {
      throw refusal.of(malformed.errno(), StepKind.NO_PROGRAM, open.path(), malformed.reason());
    }
  }

  private ElfFile readInterpreter(OpenFile open) {
    try {
      return ElfFile.read((offset, length) -> access.read(open, offset, length));
    } catch (ElfFile.MalformedException malformed) {
      throw refusal.of(Errno.ELIBBAD, StepKind.NO_PROGRAM, open.path(), malformed.reason());
    }
  }

  /**
   * Maps all segments.
   *
   * @param at where address 0 of the file is wanted, 0 for wherever there is room
   * @param fixed whether the file's addresses are final
   * @return where address 0 of the file is
   */
  private long map(AddressSpace space, ElfFile elf, OpenFile source, long at, boolean fixed) {
    long bias = at;
    boolean isFirst = true;
    for (ElfFile.Segment segment : elf.segments()) {
      long start = segment.address() & -4096L;
      if (isFirst && !fixed) {
        long span = endOf(elf, 0) - start;
        long wanted = at == 0 ? 0 : at + start;
        int flags = at == 0 ? 0 : MapFlag.FIXED_NOREPLACE.bit();
        long mapped = mapFile(space, segment, source, wanted, span, flags);
        long length = fileLength(segment);
        if (span > length) {
          munmap.unmap(space, mapped + length, span - length);
        }
        bias = mapped - start;
      } else if (segment.fileSize() > 0) {
        int flags = isFirst ? MapFlag.FIXED_NOREPLACE.bit() : MapFlag.FIXED.bit();
        mapFile(space, segment, source, bias + start, fileLength(segment), flags);
      }
      isFirst = false;
      zeroRest(space, segment, bias);
    }
    return bias;
  }

  private static long fileLength(ElfFile.Segment segment) {
    return (segment.address() & 4095) + segment.fileSize() + 4095 & -4096L;
  }

  private static int prot(ElfFile.Segment segment) {
    return (segment.isReadable() ? Prot.READ : 0)
        | (segment.isWritable() ? Prot.WRITE : 0)
        | (segment.isExecutable() ? Prot.EXEC : 0);
  }

  private long mapFile(
      AddressSpace space,
      ElfFile.Segment segment,
      OpenFile source,
      long address,
      long length,
      int flags) {
    long offset = segment.offset() & -4096L;
    return mmap.map(
        space, address, length, prot(segment), flags | MapFlag.PRIVATE.bit(), source, -1, offset);
  }

  private void zeroRest(AddressSpace space, ElfFile.Segment segment, long bias) {
    if (segment.memorySize() <= segment.fileSize()) {
      return;
    }
    long from = bias + segment.address() + segment.fileSize();
    long end = bias + segment.end() + 4095 & -4096L;
    long pages = from;
    if (segment.fileSize() > 0) {
      pages = from + 4095 & -4096L;
      if (segment.isWritable() && pages > from) {
        user.write(space, from, new byte[(int) (pages - from)]);
      }
    } else {
      pages &= -4096L;
    }
    if (end > pages) {
      int flags = MapFlag.PRIVATE.bit() | MapFlag.ANONYMOUS.bit() | MapFlag.FIXED.bit();
      int prot = Prot.READ | Prot.WRITE | (segment.isExecutable() ? Prot.EXEC : 0);
      mmap.map(space, pages, end - pages, prot, flags, null, -1, 0);
    }
  }
}
