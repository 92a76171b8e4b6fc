package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/**
 * Copies between the memory of two processes ({@code mm/process_vm_access.c}). Pages of the other
 * process are had as {@code get_user_pages} has them, which asks for the protection to the letter
 * and lets no stack grow; the own ones by {@link UserMemory} as in every system call.
 */
public final class ProcessVm {
  /** {@code UIO_MAXIOV}. */
  public static final int MOST_VECTORS = 1024;

  /** {@code MAX_RW_COUNT}. */
  private static final long MOST_BYTES = 0x7fff_f000L;

  /** Pages that are had before the first of them is copied ({@code PVM_MAX_KMALLOC_PAGES}). */
  private static final int BATCH = 1024;

  private static final int PAGE = 4096;

  private final UserMemory memory;
  private final Refusal refusal;

  public ProcessVm(UserMemory memory, ChangeLog log) {
    this.memory = memory;
    this.refusal = new Refusal(log);
  }

  /** Checks pieces of memory before anything else is looked at ({@code import_iovec}). */
  public void check(List<IoVector> vectors) {
    if (vectors.size() > MOST_VECTORS) {
      throw refusal.of(Errno.EINVAL, StepKind.TOO_MANY_VECTORS, MOST_VECTORS);
    }
    for (IoVector vector : vectors) {
      if (vector.length() < 0) {
        throw refusal.of(Errno.EINVAL, StepKind.NEGATIVE, vector.length());
      }
    }
  }

  /** What is asked for in all: a call never moves more than {@code MAX_RW_COUNT}. */
  public static long total(List<IoVector> vectors) {
    long total = 0;
    for (IoVector vector : vectors) {
      total += Math.min(vector.length(), MOST_BYTES - total);
    }
    return total;
  }

  /**
   * {@code process_vm_readv(2)}, or {@code process_vm_writev(2)} when {@code writes}.
   *
   * @return how many bytes were copied, more than none
   */
  public long transfer(
      AddressSpace local,
      List<IoVector> localVectors,
      AddressSpace remote,
      List<IoVector> remoteVectors,
      boolean writes) {
    var here = new Position(localVectors);
    boolean goesOn = true;
    for (IoVector vector : remoteVectors) {
      if (!goesOn || here.left == 0) {
        break;
      }
      goesOn = transfer(local, here, remote, vector, writes);
    }
    if (here.done == 0 && !goesOn) {
      throw refusal.of(Errno.EFAULT, StepKind.NOTHING_COPIED);
    }
    return here.done;
  }

  /** One piece of the other process's memory; false when something could not be accessed. */
  private boolean transfer(
      AddressSpace local, Position here, AddressSpace remote, IoVector vector, boolean writes) {
    byte[] buffer = new byte[PAGE];
    long at = vector.address();
    long end = at + vector.length();
    while (at != end && here.left > 0) {
      long pinned = at;
      for (int pages = 0; pages < BATCH && pinned != end; pages++) {
        if (!memory.pin(remote, pinned, writes)) {
          break;
        }
        pinned += fitting(pinned, end);
      }
      if (pinned == at) {
        return false;
      }
      while (at != pinned) {
        int fitting = fitting(at, end);
        if (!move(local, here, remote, at, fitting, buffer, writes)) {
          return false;
        }
        at += fitting;
      }
    }
    return true;
  }

  /** What lies in the page of an address, and before the end. */
  private static int fitting(long at, long end) {
    return (int) Math.min(end - at, PAGE - (at & PAGE - 1));
  }

  /** Within one page of the other process. */
  private boolean move(
      AddressSpace local,
      Position here,
      AddressSpace remote,
      long at,
      int length,
      byte[] buffer,
      boolean writes) {
    int wanted = (int) Math.min(length, here.left);
    if (!writes) {
      memory.read(remote, at, buffer, 0, wanted);
    }
    int moved = 0;
    boolean complete = true;
    while (moved < wanted && complete) {
      int fitting = (int) Math.min(wanted - moved, here.leftInVector());
      int done =
          writes
              ? memory.read(local, here.address(), buffer, moved, fitting)
              : memory.write(local, here.address(), buffer, moved, fitting);
      here.advance(done);
      moved += done;
      complete = done == fitting;
    }
    if (writes) {
      memory.write(remote, at, buffer, 0, moved);
    }
    return complete;
  }

  /** Where the copying stands in the own pieces of memory ({@code struct iov_iter}). */
  private static final class Position {
    private final List<IoVector> vectors;
    private long left;
    private long done;
    private int vector;
    private long offset;

    Position(List<IoVector> vectors) {
      this.vectors = vectors;
      left = total(vectors);
      skipDone();
    }

    long address() {
      return vectors.get(vector).address() + offset;
    }

    long leftInVector() {
      return vectors.get(vector).length() - offset;
    }

    void advance(int bytes) {
      done += bytes;
      left -= bytes;
      offset += bytes;
      skipDone();
    }

    private void skipDone() {
      while (left > 0 && leftInVector() == 0) {
        vector++;
        offset = 0;
      }
    }
  }
}
