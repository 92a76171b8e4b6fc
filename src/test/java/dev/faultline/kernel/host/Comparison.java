package dev.faultline.kernel.host;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program in a laboratory and on Linux, and holds together what its processes can observe.
 * An operation that its process cannot make any more is passed over: what is left of a program when
 * operations are taken out of it is a program too.
 */
final class Comparison {
  /** The name of the process that a program begins with. */
  static final int FIRST_PROCESS = 1;

  /** Numbers of the files that programs open. */
  static final int FILES = 3;

  /** {@code stack_guard_gap}. */
  private static final long STACK_GAP = 1L << 20;

  private final LabSide lab;
  private final Side linux;
  private final FileSystem fileSystem;
  private final Map<Integer, Snapshot> snapshots = new HashMap<>();

  /**
   * @param fileSystem what Linux has the program's files in
   */
  Comparison(LabSide lab, Side linux, FileSystem fileSystem) {
    this.lab = lab;
    this.linux = linux;
    this.fileSystem = fileSystem;
    snapshots.put(FIRST_PROCESS, lab.snapshot(FIRST_PROCESS));
  }

  /** The names of the processes that are alive. */
  NavigableSet<Integer> living() {
    return lab.living();
  }

  /** What a living process had in memory after the last operation. */
  Snapshot snapshot(int process) {
    return Objects.requireNonNull(snapshots.get(process));
  }

  /** Whether there is a process to perform an operation, and room for its child. */
  boolean isPossible(Operation operation) {
    return living().contains(operation.process())
        && !lab.isPeculiar(operation)
        && switch (operation.call()) {
          case FORK -> !living().contains(operation.length(0));
          case EXIT -> living().size() > 1;
          case PROCESS_VM_READV, PROCESS_VM_WRITEV ->
              isApart(operation)
                  && isFarFromServer(
                      snapshot(operation.process()), operation.argument(1), operation.argument(3));
          case LOAD, STORE ->
              isFarFromServer(
                  snapshot(operation.process()), operation.argument(0), operation.argument(1));
          case FETCH -> {
            long address = operation.argument(0);
            Snapshot snapshot = snapshot(operation.process());
            yield isFarFromServer(snapshot, address, 1)
                && canFetch(snapshot, address)
                && lab.mayExecute(operation.process(), address);
          }
          default -> true;
        };
  }

  /**
   * Where nothing may be executed, x86-64 first brings the page in and then refuses ({@code
   * access_error} in {@code arch/x86/mm/fault.c}); riscv64 refuses at once.
   */
  private static boolean canFetch(Snapshot snapshot, long address) {
    // An area above may grow down to the address.
    Snapshot.Area area = snapshot.findFrom(address);
    return area == null
        || area.permissions().contains("x")
        || area.permissions().startsWith("--")
        || area.start() <= address && area.has(address);
  }

  /**
   * Whether no stack shall grow near the server's page, which lies below the heap and which it
   * keeps its distance to.
   */
  private static boolean isFarFromServer(Snapshot snapshot, long address, long length) {
    for (long at = address; at < address + length; at += 4096) {
      if (at < Snapshot.HEAP + STACK_GAP
          && snapshot.find(at) == null
          && snapshot.findFrom(at) != null) {
        return false;
      }
    }
    return true;
  }

  /**
   * What a copy between two pieces of memory gives that may overlap depends on how memcpy is
   * written.
   */
  private boolean isApart(Operation operation) {
    int other = operation.length(0);
    long here = operation.argument(1);
    long there = operation.argument(2);
    long length = operation.argument(3);
    if (other == operation.process() && Math.abs(here - there) < length) {
      return false;
    }
    if (!living().contains(other)) {
      return true;
    }
    Snapshot mine = snapshot(operation.process());
    Snapshot theirs = snapshot(other);
    return !(mine.isShared(here, here + length) && theirs.isOfFile(there, there + length)
        || theirs.isShared(there, there + length) && mine.isOfFile(here, here + length));
  }

  /** Performs an operation on both sides; tells how they differ, null when they agree. */
  @Nullable String perform(Operation operation) {
    Answer mine = lab.perform(operation);
    Answer theirs = linux.perform(operation);
    if (!mine.equalsAnswer(withoutResidencyOfFiles(operation, mine, theirs))) {
      return "answers " + mine + " instead of Linux's " + theirs;
    }
    for (int process : living()) {
      Snapshot snapshot = lab.snapshot(process);
      String difference = snapshot.difference(linux.snapshot(process), fileSystem.isExact());
      if (difference != null) {
        return "process " + process + ": " + difference;
      }
      snapshots.put(process, snapshot);
    }
    return null;
  }

  /** Linux's answer; which pages of files are in memory depends on how it reads ahead. */
  private Answer withoutResidencyOfFiles(Operation operation, Answer mine, Answer theirs) {
    if (fileSystem.isExact()
        || operation.call() != Call.MINCORE
        || mine.bytes().length != theirs.bytes().length) {
      return theirs;
    }
    byte[] resident = theirs.bytes().clone();
    for (int i = 0; i < resident.length; i++) {
      Snapshot.Area area = snapshot(operation.process()).find(operation.argument(0) + i * 4096L);
      resident[i] = area != null && area.isAnonymous() ? resident[i] : mine.bytes()[i];
    }
    return new Answer(theirs.result(), "", resident);
  }

  /** How the files differ at the end, null when they do not. */
  @Nullable String differenceOfFiles() {
    for (int file = 0; file < FILES; file++) {
      if (!Objects.deepEquals(lab.file(file), linux.file(file))) {
        return Call.path(file) + " has other bytes";
      }
    }
    return null;
  }
}
