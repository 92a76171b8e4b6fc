package dev.faultline.web;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Command;
import dev.faultline.lab.Limits;
import dev.faultline.log.Signal;
import dev.faultline.machine.MachineConfiguration;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads commands from JSON. */
final class CommandReader {
  /** Words and their bits, in the order of the bits from the lowest. */
  private static final List<String> SYNC_FLAGS = List.of("ASYNC", "INVALIDATE", "SYNC");

  private static final List<String> REMAP_FLAGS = List.of("MAYMOVE", "FIXED", "DONTUNMAP");
  private static final List<String> LOCK_FLAGS = List.of("ONFAULT");
  private static final List<String> LOCKALL_FLAGS = List.of("CURRENT", "FUTURE", "ONFAULT");
  private static final List<String> MEMFD_FLAGS = List.of("CLOEXEC", "ALLOW_SEALING");
  private static final int DEFAULT_MODE = 0644;
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_PATH = 8_192;

  private final Limits limits;

  CommandReader(Limits limits) {
    this.limits = limits;
  }

  /** One command or an array of them; all are read before any is run. */
  List<Command> readAll(JsonNode body) {
    if (!body.isArray()) {
      return List.of(read(new Members(body, "")));
    }
    if (body.size() > limits.commands()) {
      throw new TooLargeException("(body)", "commands", limits.commands(), "commands");
    }
    List<Command> commands = new ArrayList<>();
    long answer = 0;
    for (int i = 0; i < body.size(); i++) {
      String prefix = "[" + i + "].";
      Command command = read(new Members(body.get(i), prefix));
      // What is read comes back in one answer, which must not grow beyond any bound either.
      answer +=
          switch (command) {
            case Command.Read read -> read.length();
            case Command.Pread pread -> pread.length();
            default -> 0;
          };
      if (answer > limits.requestBytes()) {
        throw new TooLargeException(
            prefix + "length",
            "requestBytes",
            limits.requestBytes(),
            "bytes with all reads before");
      }
      commands.add(command);
    }
    return commands;
  }

  private Command read(Members members) {
    String verb = members.text("do");
    Command command =
        switch (verb) {
          case "spawn" -> new Command.Spawn(name(members));
          case "open" ->
              new Command.Open(
                  pid(members),
                  path(members),
                  openFlags(members),
                  members.number("mode", 0, 07777, DEFAULT_MODE));
          case "close" -> new Command.Close(pid(members), fd(members));
          case "mmap" -> mmap(members);
          case "munmap" ->
              new Command.Munmap(pid(members), members.number("address"), members.number("length"));
          case "mprotect" ->
              new Command.Mprotect(
                  pid(members), members.number("address"), members.number("length"), prot(members));
          case "mremap" ->
              new Command.Mremap(
                  pid(members),
                  members.number("address"),
                  members.number("length"),
                  members.number("newLength"),
                  bits(members, REMAP_FLAGS),
                  members.number("newAddress", 0L));
          case "madvise" ->
              new Command.Madvise(
                  pid(members),
                  members.number("address"),
                  members.number("length"),
                  advice(members));
          case "mlock" ->
              new Command.Mlock(pid(members), members.number("address"), members.number("length"));
          case "munlock" ->
              new Command.Munlock(
                  pid(members), members.number("address"), members.number("length"));
          case "mlock2" ->
              new Command.Mlock2(
                  pid(members),
                  members.number("address"),
                  members.number("length"),
                  bits(members, LOCK_FLAGS));
          case "mlockall" -> new Command.Mlockall(pid(members), bits(members, LOCKALL_FLAGS));
          case "munlockall" -> new Command.Munlockall(pid(members));
          case "prlimit" -> prlimit(members);
          case "mincore" ->
              new Command.Mincore(
                  pid(members), members.number("address"), members.number("length"));
          case "brk" -> new Command.Brk(pid(members), members.number("address", 0L));
          case "msync" ->
              new Command.Msync(
                  pid(members),
                  members.number("address"),
                  members.number("length"),
                  bits(members, SYNC_FLAGS));
          case "pread" ->
              new Command.Pread(
                  pid(members),
                  file(members),
                  accessible(members, "length", members.number("length", 1, Integer.MAX_VALUE)),
                  members.number("offset", 0L));
          case "pwrite" ->
              new Command.Pwrite(
                  pid(members), file(members), data(members), members.number("offset", 0L));
          case "processVmReadv" ->
              new Command.ProcessVmReadv(
                  pid(members),
                  remotePid(members),
                  vectors(members, "local"),
                  vectors(members, "remote"));
          case "processVmWritev" ->
              new Command.ProcessVmWritev(
                  pid(members),
                  remotePid(members),
                  vectors(members, "local"),
                  vectors(members, "remote"));
          case "ftruncate" ->
              new Command.Ftruncate(pid(members), file(members), members.number("length"));
          case "fallocate" ->
              new Command.Fallocate(
                  pid(members),
                  file(members),
                  allocateMode(members),
                  members.number("offset", 0L),
                  members.number("length"));
          case "memfdCreate" ->
              new Command.MemfdCreate(
                  pid(members), members.text("name"), bits(members, MEMFD_FLAGS));
          case "unlink" -> new Command.Unlink(pid(members), path(members));
          case "read" ->
              new Command.Read(
                  pid(members),
                  members.number("address"),
                  accessible(members, "length", members.number("length", 1, Integer.MAX_VALUE)));
          case "write" -> new Command.Write(pid(members), members.number("address"), data(members));
          case "execute" -> new Command.Execute(pid(members), members.number("address"));
          case "fork" -> new Command.Fork(pid(members));
          case "step" -> new Command.Step(pid(members), steps(members), address(members));
          case "run" ->
              members.has("pid") || members.has("address")
                  ? new Command.Run(
                      pid(members), instructions(members), until(members), address(members))
                  : new Command.RunAll(instructions(members), until(members));
          case "exec" -> exec(members);
          case "affinity" ->
              new Command.Affinity(
                  pid(members), members.number("hart", 0, MachineConfiguration.MOST_HARTS - 1));
          case "kill" -> new Command.Kill(pid(members), signal(members));
          case "input" ->
              new Command.Input(
                  pid(members),
                  members.has("data") ? data(members) : new byte[0],
                  members.flag("end", !members.has("data")));
          case "exit" -> new Command.Exit(pid(members), members.number("status", 0, 255, 0));
          default ->
              throw members.bad(
                  "do",
                  "names no command: "
                      + verb
                      + "; there are spawn, open, close, mmap, munmap, mprotect, mremap, madvise,"
                      + " mlock, munlock, mlock2, mlockall, munlockall, prlimit, mincore, brk,"
                      + " msync, pread, pwrite, ftruncate, fallocate, memfdCreate, unlink,"
                      + " processVmReadv, processVmWritev, read, write, execute, fork, step, run,"
                      + " exec, kill, input and exit");
        };
    members.refuseOthers();
    return command;
  }

  private static int pid(Members members) {
    return members.number("pid", 1, Integer.MAX_VALUE);
  }

  /** A process that need not exist: that is for the kernel to say. */
  private static int remotePid(Members members) {
    return members.number("remotePid", Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static List<IoVector> vectors(Members members, String member) {
    return members.objects(member).stream()
        .map(vector -> {
          var read = new IoVector(vector.number("address"), vector.number("length"));
          vector.refuseOthers();
          return read;
        })
        .toList();
  }

  private static int fd(Members members) {
    return members.number("fd", Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** {@code fd}, or in its place {@code path}. */
  private static Command.FileName file(Members members) {
    boolean hasDescriptor = members.has("fd");
    if (members.has("path")) {
      if (hasDescriptor) {
        throw members.bad("path", "cannot stand beside fd");
      }
      return new Command.ByPath(path(members));
    }
    return new Command.ByDescriptor(fd(members));
  }

  private static int bits(Members members, List<String> words) {
    int flags = 0;
    for (String name : members.names("flags")) {
      int bit =
          words.indexOf(
              name.toUpperCase(Locale.ROOT).replaceFirst("^(MS|MREMAP|MLOCK|MCL|MFD)_", ""));
      if (bit < 0) {
        throw members.bad("flags", "has no " + name + "; there are " + String.join(", ", words));
      }
      flags |= 1 << bit;
    }
    return flags;
  }

  private static Command exec(Members members) {
    String path = path(members);
    List<String> arguments = members.has("argv") ? members.texts("argv") : List.of(path);
    List<String> environment = members.texts("env");
    String directory = members.has("cwd") ? members.text("cwd") : null;
    return members.has("pid")
        ? new Command.Exec(pid(members), path, arguments, environment, directory)
        : new Command.Start(path, arguments, environment, directory);
  }

  private static Signal signal(Members members) {
    String name = members.text("signal", "SIGTERM").toUpperCase(Locale.ROOT);
    String full = name.startsWith("SIG") ? name : "SIG" + name;
    return Stream.of(Signal.values())
        .filter(signal -> signal != Signal.NONE && signal.name().equals(full))
        .findFirst()
        .orElseThrow(() -> members.bad("signal", "names no signal: " + name));
  }

  private int steps(Members members) {
    int count = members.number("count", 1, Integer.MAX_VALUE, 1);
    if (count > limits.steps()) {
      throw members.tooLarge("count", "steps", limits.steps(), "instructions");
    }
    return count;
  }

  private static @Nullable Long address(Members members) {
    return members.has("address") ? members.number("address") : null;
  }

  private static long instructions(Members members) {
    long instructions = members.number("instructions", Command.Run.AS_LIMITED);
    if (instructions < 1) {
      throw members.bad("instructions", "must be at least 1");
    }
    return instructions;
  }

  private static RunEnd.Reason until(Members members) {
    String word = members.text("until", "exit");
    return switch (word) {
      case "exit" -> RunEnd.Reason.EXIT;
      case "fault" -> RunEnd.Reason.FAULT;
      case "syscall" -> RunEnd.Reason.SYSCALL;
      case "blocked" -> RunEnd.Reason.BLOCKED;
      default -> throw members.bad("until", "must be exit, fault, syscall or blocked, not " + word);
    };
  }

  private static int allocateMode(Members members) {
    int mode = 0;
    for (String name : members.names("mode")) {
      mode |=
          switch (name.toUpperCase(Locale.ROOT).replaceFirst("^FALLOC_FL_", "")) {
            case "KEEP_SIZE" -> Fallocate.KEEP_SIZE;
            case "PUNCH_HOLE" -> Fallocate.PUNCH_HOLE;
            case "ZERO_RANGE" -> Fallocate.ZERO_RANGE;
            default ->
                throw members.bad(
                    "mode", "has no " + name + "; there are KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE");
          };
    }
    return mode;
  }

  private static int advice(Members members) {
    String name = members.text("advice");
    return flag(members, "advice", name.replaceFirst("^MADV_", ""), Advice.values()).number();
  }

  /** One number alone stands for both. */
  private static Command prlimit(Members members) {
    int pid = pid(members);
    String name = members.text("resource");
    Rlimit resource = flag(members, "resource", name.replaceFirst("^RLIMIT_", ""), Rlimit.values());
    boolean soft = members.has("soft");
    boolean hard = members.has("hard");
    Rlimits.Pair wanted =
        soft || hard
            ? new Rlimits.Pair(
                limit(members, soft ? "soft" : "hard"), limit(members, hard ? "hard" : "soft"))
            : null;
    return new Command.Prlimit(pid, resource, wanted);
  }

  private static long limit(Members members, String member) {
    return members.isText(member, "unlimited") ? Rlimit.INFINITY : members.number(member);
  }

  private static String name(Members members) {
    String name = members.text("name", "process");
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw members.bad("name", "must have 1 to " + LONGEST_NAME + " characters");
    }
    return name;
  }

  /** The kernel refuses long paths too; these would not even fit into its log. */
  private static String path(Members members) {
    String path = members.text("path");
    if (path.length() > LONGEST_PATH) {
      throw members.bad("path", "must have at most " + LONGEST_PATH + " characters");
    }
    return path;
  }

  private int accessible(Members members, String member, int length) {
    if (length > limits.accessBytes()) {
      throw members.tooLarge(member, "accessBytes", limits.accessBytes(), "bytes");
    }
    return length;
  }

  private static Command mmap(Members members) {
    int flags = 0;
    for (String name : members.names("flags")) {
      flags |= flag(members, "flags", name, MapFlag.values()).bit();
    }
    boolean anonymous = MapFlag.ANONYMOUS.in(flags);
    return new Command.Mmap(
        pid(members),
        members.number("address", 0L),
        members.number("length"),
        prot(members),
        flags,
        anonymous && !members.has("fd") ? -1 : fd(members),
        members.number("offset", 0L));
  }

  private static int prot(Members members) {
    int prot = 0;
    for (String name : members.names("prot")) {
      prot |=
          switch (name.toUpperCase(Locale.ROOT)) {
            case "READ", "PROT_READ" -> Prot.READ;
            case "WRITE", "PROT_WRITE" -> Prot.WRITE;
            case "EXEC", "PROT_EXEC" -> Prot.EXEC;
            case "NONE", "PROT_NONE" -> Prot.NONE;
            default ->
                throw members.bad("prot", "has no " + name + "; there are READ, WRITE, EXEC, NONE");
          };
    }
    return prot;
  }

  private static int openFlags(Members members) {
    int flags = 0;
    for (String name : members.names("flags")) {
      flags |= flag(members, "flags", name, OpenFlag.values()).bit();
    }
    if ((flags & OpenFlag.ACCESS_MODE) == OpenFlag.ACCESS_MODE) {
      throw members.bad("flags", "must have one of RDONLY, WRONLY and RDWR");
    }
    return flags;
  }

  /** A flag by its name, with or without {@code MAP_} or {@code O_} before it. */
  private static <F extends Enum<F>> F flag(Members members, String member, String name, F[] all) {
    String bare = name.toUpperCase(Locale.ROOT).replaceFirst("^(MAP|O)_", "");
    return Stream.of(all)
        .filter(flag -> flag.name().equals(bare))
        .findFirst()
        .orElseThrow(() ->
            members.bad(
                member,
                "has no "
                    + name
                    + "; there are "
                    + String.join(", ", Stream.of(all).map(Enum::name).toList())));
  }

  private byte[] data(Members members) {
    Members data = members.object("data").orElseThrow(() -> members.bad("data", "is missing"));
    byte[] bytes;
    if (data.has("hex")) {
      bytes = hex(data);
    } else if (data.has("text")) {
      bytes = data.text("text").getBytes(StandardCharsets.UTF_8);
    } else if (data.has("base64")) {
      bytes = base64(data);
    } else {
      throw members.bad("data", "must have hex, text or base64");
    }
    data.refuseOthers();
    if (bytes.length == 0) {
      throw members.bad("data", "is empty");
    }
    accessible(members, "data", bytes.length);
    return bytes;
  }

  private static byte[] hex(Members data) {
    try {
      return HexFormat.of().parseHex(data.text("hex").replaceAll("\\s+", ""));
    } catch (IllegalArgumentException exception) {
      throw data.bad("hex", "must be pairs of hexadecimal digits");
    }
  }

  private static byte[] base64(Members data) {
    try {
      return Base64.getDecoder().decode(data.text("base64"));
    } catch (IllegalArgumentException exception) {
      throw data.bad("base64", "is not base64");
    }
  }
}
