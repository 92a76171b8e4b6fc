package dev.faultline.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a story is about: one command given to a laboratory. The template is the beginning of its
 * sentence.
 */
public enum OperationKind {
  BOOT("the machine starts with {frames} frames"),
  SPAWN("process P{pid} ({name:text}) was spawned"),
  PUT("file {path:text} was put, {length|byte|bytes}"),
  UNPACK("archive {name:text} was unpacked, {length|byte|bytes}"),
  DELETE("file {path:text} was deleted"),
  OPEN("P{pid} opened {path:text}"),
  CLOSE("P{pid} closed descriptor {fd}"),
  MMAP("P{pid} mapped {length|byte|bytes} {prot:prot}"),
  MUNMAP("P{pid} unmapped {length|byte|bytes} at {address:hex}"),
  MPROTECT("P{pid} protected {length|byte|bytes} at {address:hex} as {prot:prot}"),
  MREMAP("P{pid} remapped {old|byte|bytes} at {address:hex} to {length|byte|bytes}"),
  MADVISE("P{pid} gave advice {advice:advice} for {length|byte|bytes} at {address:hex}"),
  MLOCK("P{pid} locked {length|byte|bytes} at {address:hex}"),
  MUNLOCK("P{pid} unlocked {length|byte|bytes} at {address:hex}"),
  MLOCK2("P{pid} locked {length|byte|bytes} at {address:hex}, flags {flags:hex}"),
  MLOCKALL("P{pid} locked all its memory, flags {flags:hex}"),
  MUNLOCKALL("P{pid} unlocked all its memory"),
  PRLIMIT("P{pid} asked for RLIMIT_{name:text}"),
  MINCORE("P{pid} asked which of {length|byte|bytes} at {address:hex} are in memory"),
  BRK("P{pid} asked for a heap up to {address:hex}"),
  MSYNC("P{pid} synchronised {length|byte|bytes} at {address:hex}"),
  PREAD("P{pid} read {length|byte|bytes} of {file:text} at offset {offset}"),
  PWRITE("P{pid} wrote {length|byte|bytes} to {file:text} at offset {offset}"),
  PROCESS_VM_READV("P{pid} read {length|byte|bytes} of P{remote}'s memory"),
  PROCESS_VM_WRITEV("P{pid} wrote {length|byte|bytes} to P{remote}'s memory"),
  FALLOCATE("P{pid} allocated {length|byte|bytes} of {file:text} at offset {offset}"),
  MEMFD_CREATE("P{pid} made a file in memory, {name:text}"),
  FTRUNCATE("P{pid} set the size of {file:text} to {length|byte|bytes}"),
  UNLINK("P{pid} unlinked {path:text}"),
  READ("P{pid} read {length|byte|bytes} at {address:hex}"),
  WRITE("P{pid} wrote {length|byte|bytes} at {address:hex}"),
  EXECUTE("P{pid} fetched an instruction at {address:hex}"),
  FORK("P{pid} forked P{child}"),
  STEP("P{pid} stepped {count|instruction|instructions} from {pc:hex}"),
  RUN("P{pid} ran from {pc:hex}"),
  RUN_ALL("all programs ran"),
  EXEC("P{pid} executes {path:text}"),
  KILL("P{pid} was sent {signal:signal}"),
  AFFINITY("P{pid} is to run on hart {hart} alone"),
  INPUT("P{pid} was given {length|byte|bytes} to read"),
  EXIT("P{pid} exited with status {status}");

  private static final OperationKind[] ALL = values();

  private final List<String> arguments = new ArrayList<>();
  private final Template template;

  OperationKind(String template) {
    this.template = new Template(template, arguments);
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String template() {
    return template.source();
  }

  public List<String> arguments() {
    return List.copyOf(arguments);
  }

  static OperationKind at(int ordinal) {
    return ALL[ordinal];
  }
}
