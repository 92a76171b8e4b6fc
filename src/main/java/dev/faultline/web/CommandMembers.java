package dev.faultline.web;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.lab.Command;
import dev.faultline.lab.Limits;
import dev.faultline.log.Signal;
import dev.faultline.machine.MachineConfiguration;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The members that commands have, with their units and ranges. */
final class CommandMembers {
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_PATH = 8_192;
  private static final int DEFAULT_MODE = 0644;
  private static final String UNIT = "x-unit";
  private static final String BYTES = "bytes";

  private static final Words PROTECTIONS =
      new Words(
          "PROT_",
          ordered("READ", Prot.READ, "WRITE", Prot.WRITE, "EXEC", Prot.EXEC, "NONE", Prot.NONE));
  private static final Words FALLOCATE_MODES =
      new Words(
          "FALLOC_FL_",
          ordered(
              "KEEP_SIZE", Fallocate.KEEP_SIZE,
              "PUNCH_HOLE", Fallocate.PUNCH_HOLE,
              "ZERO_RANGE", Fallocate.ZERO_RANGE));

  static final Member<Integer> PID =
      new Member<>(
          "pid",
          Member.reference("Pid", "A living process"),
          true,
          members -> members.number("pid", 1, Integer.MAX_VALUE),
          1);

  /** A process that need not exist: that is for the kernel to say. */
  static final Member<Integer> REMOTE_PID =
      Member.integer(
          "remotePid",
          Integer.MIN_VALUE,
          Integer.MAX_VALUE,
          "The other process; ESRCH where there is none");

  static final Member<Integer> FD =
      Member.integer(
          "fd", Integer.MIN_VALUE, Integer.MAX_VALUE, "A descriptor; EBADF where it is none");

  /** The kernel refuses long paths too; these would not even fit into its log. */
  static final Member<String> PATH = text("path", 0, LONGEST_PATH, "A path in the laboratory");

  static final Member<String> PATH_FOR_FD =
      text("path", 0, LONGEST_PATH, "In place of `fd`: the file is opened for this call");

  static final Member<String> PROCESS_NAME =
      Member.name("name", LONGEST_NAME, "process", "What the process is called");
  static final Member<String> FILE_NAME =
      new Member<>(
          "name",
          Member.typed("string", "What `/proc` shows it as, at most 249 bytes"),
          true,
          members -> members.text("name"),
          "file");

  static final Member<Long> ADDRESS = Member.number("address", "An address of the process");
  static final Member<Long> HINT =
      Member.number("address", 0, "A hint, or with FIXED the address itself");
  static final Member<Long> BREAK =
      Member.number("address", 0, "Where the heap shall end; 0 only asks");
  static final Member<Long> START =
      Member.number("address", "Where to go on; where the process stands when left out");
  static final Member<Long> BREAKPOINT =
      Member.number(
          "breakpoint",
          "Stops it besides before the instruction at this address, whichever of them comes to it");
  static final Member<Long> NEW_ADDRESS =
      Member.number("newAddress", 0, "With FIXED where to move it");
  static final Member<Long> LENGTH = Member.number("length", "In bytes").saying(UNIT, BYTES);
  static final Member<Long> NEW_LENGTH = Member.number("newLength", "In bytes").saying(UNIT, BYTES);
  static final Member<Long> OFFSET = Member.number("offset", 0, "In bytes").saying(UNIT, BYTES);

  static final Member<Integer> PROT =
      Member.flags("prot", PROTECTIONS, "Nothing is allowed when none is given");
  static final Member<Integer> MAP_FLAGS =
      Member.flags("flags", Words.of("MAP_", MapFlag.values(), MapFlag::bit), "");
  static final Member<Integer> OPEN_FLAGS = openFlags();
  static final Member<Integer> SYNC_FLAGS =
      Member.flags("flags", Words.bits("MS_", "ASYNC", "INVALIDATE", "SYNC"), "");
  static final Member<Integer> REMAP_FLAGS =
      Member.flags("flags", Words.bits("MREMAP_", "MAYMOVE", "FIXED", "DONTUNMAP"), "");
  static final Member<Integer> LOCK_FLAGS =
      Member.flags(
          "flags", Words.bits("MLOCK_", "ONFAULT"), "ONFAULT locks pages when they come in");
  static final Member<Integer> LOCKALL_FLAGS =
      Member.flags("flags", Words.bits("MCL_", "CURRENT", "FUTURE", "ONFAULT"), "");
  static final Member<Integer> MEMFD_FLAGS =
      Member.flags("flags", Words.bits("MFD_", "CLOEXEC", "ALLOW_SEALING"), "");
  static final Member<Integer> FALLOCATE_MODE =
      Member.flags("mode", FALLOCATE_MODES, "The file grows when none is given");
  static final Member<Integer> FILE_MODE =
      Member.integer("mode", 0, 07777, DEFAULT_MODE, "Permission bits of a file that CREAT makes");
  static final Member<Integer> ADVICE =
      Member.word("advice", Words.of("MADV_", Advice.values(), Advice::number), "");
  static final Member<Integer> RESOURCE =
      Member.word("resource", Words.of("RLIMIT_", Rlimit.values(), Rlimit::ordinal), "");
  static final Member<Long> SOFT = rlimit("soft", "The limit that binds");
  static final Member<Long> HARD = rlimit("hard", "How far it may be raised");

  static final Member<List<IoVector>> LOCAL =
      vectors(
          "local",
          "Pieces of this process's memory, at most `accessBytes` of GET /limits together");
  static final Member<List<IoVector>> REMOTE =
      vectors("remote", "Pieces of the other process's memory");

  static final Member<List<String>> ARGUMENTS =
      Member.texts("argv", "The path alone when left out");
  static final Member<List<String>> ENVIRONMENT = Member.texts("env", "`NAME=value` each");
  static final Member<String> DIRECTORY =
      new Member<>(
          "cwd",
          Member.typed(
              "string",
              "Where relative paths begin; the root, or where the process is, when left out"),
          false,
          members -> members.text("cwd"),
          "/");
  static final Member<Signal> SIGNAL =
      new Member<>(
          "signal",
          Map.of(
              "type",
              "string",
              "description",
              "The prefix SIG may be left out",
              "enum",
              signals().map(Enum::name).toList(),
              "default",
              Signal.SIGTERM.name()),
          false,
          CommandMembers::signal,
          Signal.SIGTERM);
  static final Member<RunEnd.Reason> UNTIL =
      new Member<>(
          "until",
          Map.of(
              "type",
              "string",
              "description",
              "`fault` and `syscall` stop it after the next page fault that was mended, or the"
                  + " next system call; `blocked` when it waits for input",
              "enum",
              List.of("exit", "fault", "syscall", "blocked"),
              "default",
              "exit"),
          false,
          CommandMembers::until,
          RunEnd.Reason.EXIT);
  static final Member<Integer> HART =
      Member.integer(
          "hart",
          0,
          MachineConfiguration.MOST_HARTS - 1,
          "One that the laboratory has: EINVAL for any other");
  static final Member<Integer> STATUS = Member.integer("status", 0, 255, 0, "What it exits with");
  static final Member<Boolean> END =
      new Member<>(
          "end",
          Member.typed(
              "boolean",
              "Whether nothing comes after them; true when there is no `data`, else false"),
          false,
          members -> members.flag("end", false),
          false);

  /** How many bytes one command reads: what comes back has to fit into an answer. */
  final Member<Integer> accessLength;

  final Member<byte[]> data;
  final Member<Integer> count;
  final Member<Long> instructions;

  CommandMembers(Limits limits) {
    accessLength =
        bounded("length", limits.accessBytes(), "accessBytes", BYTES, true)
            .saying("description", "In bytes, at most `accessBytes` of GET /limits");
    count =
        bounded("count", limits.steps(), "steps", "instructions", false)
            .saying("description", "How many, at most `steps` of GET /limits")
            .saying("default", 1);
    data =
        new Member<>(
            "data",
            Member.reference("Data", "The bytes"),
            true,
            members -> data(members, limits),
            new byte[0]);
    instructions =
        new Member<>(
            "instructions",
            Member.reference(
                "Number",
                "How many may retire, 1 or more; no more than `runInstructions` of GET /limits"
                    + " do, which is the default"),
            false,
            CommandMembers::instructions,
            Command.Run.AS_LIMITED);
  }

  /** A number from 1 on that a limit of the laboratory bounds. */
  private static Member<Integer> bounded(
      String name, int most, String limit, String unit, boolean isNeeded) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "integer");
    schema.put("minimum", 1);
    schema.put("maximum", most);
    schema.put(UNIT, unit);
    return new Member<>(
        name,
        schema,
        isNeeded,
        members -> {
          int value =
              isNeeded
                  ? members.number(name, 1, Integer.MAX_VALUE)
                  : members.number(name, 1, Integer.MAX_VALUE, 1);
          if (value > most) {
            throw members.tooLarge(name, limit, most, unit);
          }
          return value;
        },
        1);
  }

  private static Member<String> text(String name, int least, int most, String description) {
    Map<String, Object> schema = Member.typed("string", description);
    schema.put("minLength", least);
    schema.put("maxLength", most);
    return new Member<>(
        name,
        schema,
        true,
        members -> {
          String text = members.text(name);
          if (text.length() > most) {
            throw members.bad(name, "must have at most " + most + " characters");
          }
          return text;
        },
        "/");
  }

  private static Member<Integer> openFlags() {
    Member<Integer> flags =
        Member.flags(
            "flags", Words.of("O_", OpenFlag.values(), OpenFlag::bit), "RDONLY when none is given");
    return new Member<>(
        flags.name(),
        flags.schema(),
        flags.isNeeded(),
        members -> {
          int bits = flags.reader().read(members);
          if ((bits & OpenFlag.ACCESS_MODE) == OpenFlag.ACCESS_MODE) {
            throw members.bad("flags", "must have one of RDONLY, WRONLY and RDWR");
          }
          return bits;
        },
        flags.sample());
  }

  private static Member<Long> rlimit(String name, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("description", description);
    schema.put(
        "anyOf",
        List.of(
            Map.of("$ref", "#/components/schemas/Number"),
            Map.of("type", "string", "enum", List.of("unlimited"))));
    return new Member<>(
        name,
        schema,
        false,
        members -> members.isText(name, "unlimited") ? Rlimit.INFINITY : members.number(name),
        0L);
  }

  private static Member<List<IoVector>> vectors(String name, String description) {
    Map<String, Object> schema = Member.typed("array", description);
    schema.put("items", Map.of("$ref", "#/components/schemas/IoVector"));
    return new Member<>(
        name,
        schema,
        false,
        members ->
            members.objects(name).stream()
                .map(vector -> {
                  var read = new IoVector(vector.number("address"), vector.number("length"));
                  vector.refuseOthers();
                  return read;
                })
                .toList(),
        List.of());
  }

  private static Stream<Signal> signals() {
    return Stream.of(Signal.values()).filter(signal -> signal != Signal.NONE);
  }

  private static Signal signal(Members members) {
    String name = members.text("signal", Signal.SIGTERM.name()).toUpperCase(Locale.ROOT);
    String full = name.startsWith("SIG") ? name : "SIG" + name;
    return signals()
        .filter(signal -> signal.name().equals(full))
        .findFirst()
        .orElseThrow(() -> members.bad("signal", "names no signal: " + name));
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

  private static long instructions(Members members) {
    long instructions = members.number("instructions", Command.Run.AS_LIMITED);
    if (instructions < 1) {
      throw members.bad("instructions", "must be at least 1");
    }
    return instructions;
  }

  private static byte[] data(Members members, Limits limits) {
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
    if (bytes.length > limits.accessBytes()) {
      throw members.tooLarge("data", "accessBytes", limits.accessBytes(), BYTES);
    }
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

  /** Words and their values in turn. */
  private static Map<String, Integer> ordered(Object... pairs) {
    Map<String, Integer> ordered = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      ordered.put((String) pairs[i], (Integer) pairs[i + 1]);
    }
    return ordered;
  }
}
