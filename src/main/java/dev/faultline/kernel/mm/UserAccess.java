package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Machine;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Walk;
import dev.faultline.machine.mmu.WalkObserver;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The kernel's own loads and stores in a process's memory ({@code copy_from_user}, {@code
 * copy_to_user}): with the process's rights, and with the same faults. Where a load would be a
 * signal, they are {@code EFAULT}.
 */
public final class UserAccess {
  private static final int PAGE = PhysicalMemory.FRAME_SIZE;

  /** A walk finds what a fault mended; each of V, R/W and the stack's growth is one. */
  private static final int MOST_FAULTS = 4;

  private final PhysicalMemory memory;
  private final PageFaults faults;
  private final Walk walk;
  private final Refusal refusal;

  public UserAccess(Machine machine, PageFaults faults, ChangeLog log) {
    this.memory = machine.memory();
    this.faults = faults;
    this.walk = new Walk(memory, machine.mmu().pmp(), machine.configuration().paging());
    this.refusal = new Refusal(log);
  }

  /** Copies from the process. */
  public byte[] read(AddressSpace space, long va, int length) {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      int fitting = fitting(va + done, length - done);
      memory.get(physical(space, va + done, Access.LOAD), bytes, done, fitting);
      done += fitting;
    }
    return bytes;
  }

  /** Copies to the process. */
  public void write(AddressSpace space, long va, byte[] bytes) {
    for (int done = 0; done < bytes.length; ) {
      int fitting = fitting(va + done, bytes.length - done);
      memory.put(physical(space, va + done, Access.STORE), bytes, done, fitting);
      done += fitting;
    }
  }

  /** Checks that a range can be written, before what would fill it is lost. */
  public void prepareWrite(AddressSpace space, long va, int length) {
    for (int done = 0; done < length; ) {
      physical(space, va + done, Access.STORE);
      done += fitting(va + done, length - done);
    }
  }

  public long readLong(AddressSpace space, long va) {
    return number(read(space, va, 8));
  }

  public int readInt(AddressSpace space, long va) {
    return (int) number(read(space, va, 4));
  }

  private static long number(byte[] bytes) {
    long value = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  public void writeLong(AddressSpace space, long va, long value) {
    write(space, va, bytes(value, 8));
  }

  public void writeInt(AddressSpace space, long va, int value) {
    write(space, va, bytes(value, 4));
  }

  private static byte[] bytes(long value, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }

  /**
   * A string up to its zero byte.
   *
   * @param most the longest that is taken, the zero byte not counted
   */
  public byte[] string(AddressSpace space, long va, int most, Errno tooLong) {
    byte[] bytes = new byte[Math.min(most, 64)];
    int length = 0;
    while (true) {
      long at = va + length;
      long physical = physical(space, at, Access.LOAD);
      int fitting = fitting(at, most + 1 - length);
      for (int i = 0; i < fitting; i++) {
        byte b = (byte) memory.load(physical + i, 1);
        if (b == 0) {
          return Arrays.copyOf(bytes, length);
        }
        if (length == most) {
          throw refusal.of(tooLong, StepKind.STRING_TOO_LONG, most);
        }
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, Math.min(most, 2 * length));
        }
        bytes[length++] = b;
      }
    }
  }

  /** A path ({@code getname}). */
  public String path(AddressSpace space, long va) {
    return new String(string(space, va, PAGE - 1, Errno.ENAMETOOLONG), StandardCharsets.UTF_8);
  }

  private static int fitting(long va, int length) {
    return (int) Math.min(length, PAGE - (va & PAGE - 1));
  }

  private long physical(AddressSpace space, long va, Access access) {
    if (va < 0 || va >= space.end()) {
      throw bad(va);
    }
    long root = space.tables().root();
    for (int i = 0; i < MOST_FAULTS; i++) {
      if (walk.run(root, va, access, WalkObserver.NOBODY) == Walk.Result.TRANSLATED) {
        markUsed(space, va, access);
        return walk.physical(va);
      }
      if (faults.handle(space, va, access) != null) {
        throw bad(va);
      }
    }
    throw bad(va);
  }

  /** The kernel's accesses set A and D as the process's own would. */
  private void markUsed(AddressSpace space, long va, Access access) {
    long marks = access == Access.STORE ? Entry.A | Entry.D : Entry.A;
    if ((walk.leaf() & marks) != marks) {
      space.tables().write(walk.entryAddress(), va, walk.leaf() | marks);
    }
  }

  private RuntimeException bad(long va) {
    return refusal.of(Errno.EFAULT, StepKind.BAD_USER_ADDRESS, va);
  }
}
