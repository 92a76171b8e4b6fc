package dev.faultline.web;

import static dev.faultline.web.CommandMembers.ADDRESS;
import static dev.faultline.web.CommandMembers.ADVICE;
import static dev.faultline.web.CommandMembers.ARGUMENTS;
import static dev.faultline.web.CommandMembers.BREAK;
import static dev.faultline.web.CommandMembers.BREAKPOINT;
import static dev.faultline.web.CommandMembers.DIRECTORY;
import static dev.faultline.web.CommandMembers.END;
import static dev.faultline.web.CommandMembers.ENVIRONMENT;
import static dev.faultline.web.CommandMembers.FALLOCATE_MODE;
import static dev.faultline.web.CommandMembers.FD;
import static dev.faultline.web.CommandMembers.FILE_MODE;
import static dev.faultline.web.CommandMembers.FILE_NAME;
import static dev.faultline.web.CommandMembers.HARD;
import static dev.faultline.web.CommandMembers.HART;
import static dev.faultline.web.CommandMembers.HINT;
import static dev.faultline.web.CommandMembers.LENGTH;
import static dev.faultline.web.CommandMembers.LOCAL;
import static dev.faultline.web.CommandMembers.LOCKALL_FLAGS;
import static dev.faultline.web.CommandMembers.LOCK_FLAGS;
import static dev.faultline.web.CommandMembers.MAP_FLAGS;
import static dev.faultline.web.CommandMembers.MEMFD_FLAGS;
import static dev.faultline.web.CommandMembers.NEW_ADDRESS;
import static dev.faultline.web.CommandMembers.NEW_LENGTH;
import static dev.faultline.web.CommandMembers.OFFSET;
import static dev.faultline.web.CommandMembers.OPEN_FLAGS;
import static dev.faultline.web.CommandMembers.PATH;
import static dev.faultline.web.CommandMembers.PATH_FOR_FD;
import static dev.faultline.web.CommandMembers.PID;
import static dev.faultline.web.CommandMembers.PROCESS_NAME;
import static dev.faultline.web.CommandMembers.PROT;
import static dev.faultline.web.CommandMembers.REMAP_FLAGS;
import static dev.faultline.web.CommandMembers.REMOTE;
import static dev.faultline.web.CommandMembers.REMOTE_PID;
import static dev.faultline.web.CommandMembers.RESOURCE;
import static dev.faultline.web.CommandMembers.SIGNAL;
import static dev.faultline.web.CommandMembers.SOFT;
import static dev.faultline.web.CommandMembers.START;
import static dev.faultline.web.CommandMembers.STATUS;
import static dev.faultline.web.CommandMembers.SYNC_FLAGS;
import static dev.faultline.web.CommandMembers.UNTIL;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Command;
import dev.faultline.lab.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads commands from JSON. Each verb is one function from members to a command; the same function
 * tells {@link BodySchema} which members it asks for, so that the document cannot differ.
 */
final class CommandReader {
  private final Limits limits;
  private final CommandMembers members;

  /** Makes a command of its members, and so tells which members there are. */
  private interface Verb {
    Command of(Body members);
  }

  private final Map<String, Verb> verbs = new LinkedHashMap<>();

  CommandReader(Limits limits) {
    this.limits = limits;
    members = new CommandMembers(limits);
    addProcesses();
    addFiles();
    addMemory();
    addPrograms();
  }

  private void addProcesses() {
    verbs.put("spawn", in -> new Command.Spawn(in.get(PROCESS_NAME)));
    verbs.put("fork", in -> new Command.Fork(in.get(PID)));
    verbs.put("kill", in -> new Command.Kill(in.get(PID), in.get(SIGNAL)));
    verbs.put("affinity", in -> new Command.Affinity(in.get(PID), in.get(HART)));
    verbs.put("exit", in -> new Command.Exit(in.get(PID), in.get(STATUS)));
    verbs.put("prlimit", CommandReader::prlimit);
  }

  private void addFiles() {
    verbs.put(
        "open",
        in -> new Command.Open(in.get(PID), in.get(PATH), in.get(OPEN_FLAGS), in.get(FILE_MODE)));
    verbs.put("close", in -> new Command.Close(in.get(PID), in.get(FD)));
    verbs.put(
        "pread",
        in ->
            new Command.Pread(in.get(PID), file(in), in.get(members.accessLength), in.get(OFFSET)));
    verbs.put(
        "pwrite",
        in -> new Command.Pwrite(in.get(PID), file(in), in.get(members.data), in.get(OFFSET)));
    verbs.put("ftruncate", in -> new Command.Ftruncate(in.get(PID), file(in), in.get(LENGTH)));
    verbs.put(
        "fallocate",
        in ->
            new Command.Fallocate(
                in.get(PID), file(in), in.get(FALLOCATE_MODE), in.get(OFFSET), in.get(LENGTH)));
    verbs.put(
        "memfdCreate",
        in -> new Command.MemfdCreate(in.get(PID), in.get(FILE_NAME), in.get(MEMFD_FLAGS)));
    verbs.put("unlink", in -> new Command.Unlink(in.get(PID), in.get(PATH)));
  }

  private void addMemory() {
    verbs.put("mmap", CommandReader::mmap);
    verbs.put("munmap", in -> new Command.Munmap(in.get(PID), in.get(ADDRESS), in.get(LENGTH)));
    verbs.put(
        "mprotect",
        in -> new Command.Mprotect(in.get(PID), in.get(ADDRESS), in.get(LENGTH), in.get(PROT)));
    verbs.put(
        "mremap",
        in ->
            new Command.Mremap(
                in.get(PID),
                in.get(ADDRESS),
                in.get(LENGTH),
                in.get(NEW_LENGTH),
                in.get(REMAP_FLAGS),
                in.get(NEW_ADDRESS)));
    verbs.put(
        "madvise",
        in -> new Command.Madvise(in.get(PID), in.get(ADDRESS), in.get(LENGTH), in.get(ADVICE)));
    verbs.put(
        "msync",
        in -> new Command.Msync(in.get(PID), in.get(ADDRESS), in.get(LENGTH), in.get(SYNC_FLAGS)));
    verbs.put("mlock", in -> new Command.Mlock(in.get(PID), in.get(ADDRESS), in.get(LENGTH)));
    verbs.put("munlock", in -> new Command.Munlock(in.get(PID), in.get(ADDRESS), in.get(LENGTH)));
    verbs.put(
        "mlock2",
        in -> new Command.Mlock2(in.get(PID), in.get(ADDRESS), in.get(LENGTH), in.get(LOCK_FLAGS)));
    verbs.put("mlockall", in -> new Command.Mlockall(in.get(PID), in.get(LOCKALL_FLAGS)));
    verbs.put("munlockall", in -> new Command.Munlockall(in.get(PID)));
    verbs.put("mincore", in -> new Command.Mincore(in.get(PID), in.get(ADDRESS), in.get(LENGTH)));
    verbs.put("brk", in -> new Command.Brk(in.get(PID), in.get(BREAK)));
    verbs.put(
        "processVmReadv",
        in ->
            new Command.ProcessVmReadv(
                in.get(PID), in.get(REMOTE_PID), in.get(LOCAL), in.get(REMOTE)));
    verbs.put(
        "processVmWritev",
        in ->
            new Command.ProcessVmWritev(
                in.get(PID), in.get(REMOTE_PID), in.get(LOCAL), in.get(REMOTE)));
    verbs.put(
        "read", in -> new Command.Read(in.get(PID), in.get(ADDRESS), in.get(members.accessLength)));
    verbs.put("write", in -> new Command.Write(in.get(PID), in.get(ADDRESS), in.get(members.data)));
    verbs.put("execute", in -> new Command.Execute(in.get(PID), in.get(ADDRESS)));
  }

  private void addPrograms() {
    verbs.put("exec", CommandReader::exec);
    verbs.put("input", this::input);
    verbs.put(
        "step", in -> new Command.Step(in.get(PID), in.get(members.count), optional(in, START)));
    verbs.put("run", this::run);
  }

  /** What can be done, each with the members that it is made of. */
  Map<String, BodySchema> schemas() {
    Map<String, BodySchema> schemas = new LinkedHashMap<>();
    verbs.forEach((verb, make) -> {
      var schema = BodySchema.ofCommand(verb);
      make.of(schema);
      schemas.put(verb, schema);
    });
    return schemas;
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

  private Command read(Members body) {
    String verb = body.text("do");
    Verb make = verbs.get(verb);
    if (make == null) {
      List<String> all = List.copyOf(verbs.keySet());
      throw body.bad(
          "do",
          "names no command: %s; there are %s and %s"
              .formatted(verb, String.join(", ", all.subList(0, all.size() - 1)), all.getLast()));
    }
    Command command = make.of(body);
    body.refuseOthers();
    return command;
  }

  /** {@code fd}, or in its place {@code path}. */
  private static Command.FileName file(Body in) {
    boolean hasDescriptor = in.has(FD);
    if (in.has(PATH_FOR_FD)) {
      if (hasDescriptor) {
        throw in.bad(PATH_FOR_FD, "cannot stand beside fd");
      }
      return new Command.ByPath(in.get(PATH_FOR_FD));
    }
    return new Command.ByDescriptor(in.get(FD));
  }

  /** Memory of a file wants a descriptor. */
  private static Command mmap(Body in) {
    int pid = in.get(PID);
    long address = in.get(HINT);
    long length = in.get(LENGTH);
    int prot = in.get(PROT);
    int flags = in.get(MAP_FLAGS);
    int fd = in.has(FD) || !MapFlag.ANONYMOUS.in(flags) ? in.get(FD) : -1;
    return new Command.Mmap(pid, address, length, prot, flags, fd, in.get(OFFSET));
  }

  /** One number alone stands for both. */
  private static Command prlimit(Body in) {
    int pid = in.get(PID);
    Rlimit resource = Rlimit.values()[in.get(RESOURCE)];
    boolean soft = in.has(SOFT);
    boolean hard = in.has(HARD);
    Rlimits.Pair wanted =
        soft || hard
            ? new Rlimits.Pair(in.get(soft ? SOFT : HARD), in.get(hard ? HARD : SOFT))
            : null;
    return new Command.Prlimit(pid, resource, wanted);
  }

  private static Command exec(Body in) {
    String path = in.get(PATH);
    List<String> arguments = in.has(ARGUMENTS) ? in.get(ARGUMENTS) : List.of(path);
    List<String> environment = in.get(ENVIRONMENT);
    String directory = in.has(DIRECTORY) ? in.get(DIRECTORY) : null;
    return in.has(PID)
        ? new Command.Exec(in.get(PID), path, arguments, environment, directory)
        : new Command.Start(path, arguments, environment, directory);
  }

  private Command input(Body in) {
    int pid = in.get(PID);
    boolean hasData = in.has(members.data);
    byte[] data = hasData ? in.get(members.data) : new byte[0];
    return new Command.Input(pid, data, in.has(END) ? in.get(END) : !hasData);
  }

  private Command run(Body in) {
    boolean isOne = in.has(PID);
    long instructions = in.get(members.instructions);
    RunEnd.Reason until = in.get(UNTIL);
    return in.has(START) | in.has(BREAKPOINT) || isOne
        ? new Command.Run(
            in.get(PID), instructions, until, optional(in, START), optional(in, BREAKPOINT))
        : new Command.RunAll(instructions, until);
  }

  private static @Nullable Long optional(Body in, Member<Long> member) {
    return in.has(member) ? in.get(member) : null;
  }
}
