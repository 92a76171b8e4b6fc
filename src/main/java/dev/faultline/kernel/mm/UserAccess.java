package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The kernel's own loads and stores in a process's memory ({@code copy_from_user}, {@code
 * copy_to_user}) of what a system call's own story tells: the way is {@link UserMemory}'s. Where a
 * load would be a signal, they are {@code EFAULT}.
 */
public final class UserAccess {
  private static final int PAGE = PhysicalMemory.FRAME_SIZE;

  private final UserMemory user;
  private final PhysicalMemory memory;
  private final Refusal refusal;

  public UserAccess(UserMemory user, PhysicalMemory memory, ChangeLog log) {
    this.user = user;
    this.memory = memory;
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
    long physical = va < 0 || va >= space.end() ? -1 : user.reach(space, va, access);
    if (physical < 0) {
      throw bad(va);
    }
    return physical;
  }

  private RuntimeException bad(long va) {
    return refusal.of(Errno.EFAULT, StepKind.BAD_USER_ADDRESS, va);
  }
}
