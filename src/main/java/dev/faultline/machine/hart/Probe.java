package dev.faultline.machine.hart;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Mmu;
import java.util.stream.IntStream;

/**
 * Reads, writes and fetches asked for from outside a program, each done by real instructions of the
 * hart in U-mode. The first access to each page is told step by step; those that follow in the same
 * page and hit the TLB are told as one.
 */
public final class Probe {
  private static final int A0 = 10;
  private static final int A1 = 11;

  private static final String[] LOAD_NAMES = {
    "lbu a1, 0(a0)", "lhu a1, 0(a0)", "lwu a1, 0(a0)", "ld a1, 0(a0)"
  };
  private static final String[] STORE_NAMES = {
    "sb a1, 0(a0)", "sh a1, 0(a0)", "sw a1, 0(a0)", "sd a1, 0(a0)"
  };

  /** The instructions of those names, decoded once. */
  private final Block[] loads = blocks(0x00054583, 0x00055583, 0x00056583, 0x00053583);

  private final Block[] stores = blocks(0x00b50023, 0x00b51023, 0x00b52023, 0x00b53023);
  private final Hart hart;
  private final Mmu mmu;
  private final ChangeLog log;
  private final int[] fetched = new int[1];

  public Probe(Hart hart, Mmu mmu, ChangeLog log) {
    this.hart = hart;
    this.mmu = mmu;
    this.log = log;
  }

  private static Block[] blocks(int... instructions) {
    return IntStream.of(instructions).mapToObj(Block::ofOne).toArray(Block[]::new);
  }

  /**
   * Loads {@code bytes.length} bytes from {@code va} on; false when a fault could not be mended.
   */
  public boolean read(long va, byte[] bytes) {
    return run(va, bytes, Access.LOAD);
  }

  /** Stores all of {@code bytes} from {@code va} on; false when a fault could not be mended. */
  public boolean write(long va, byte[] bytes) {
    return run(va, bytes, Access.STORE);
  }

  /** Fetches the instruction at {@code va}; false when a fault could not be mended. */
  public boolean fetch(long va) {
    log.step(StepKind.ISSUES, log.intern("fetch"), Access.FETCH.ordinal(), 4, va);
    if (!hart.tryFetch(va, fetched)) {
      return false;
    }
    log.step(StepKind.FETCHES, fetched[0] & 0xffff_ffffL, mmu.lastPhysical());
    return true;
  }

  /** What the last fetch brought. */
  public int fetched() {
    return fetched[0];
  }

  private boolean run(long va, byte[] bytes, Access access) {
    long savedA0 = hart.register(A0);
    long savedA1 = hart.register(A1);
    try {
      for (int done = 0; done < bytes.length; ) {
        long at = va + done;
        int inPage = (int) Math.min(bytes.length - done, PhysicalMemory.FRAME_SIZE - (at & 0xfff));
        if (!runPage(at, bytes, done, inPage, access)) {
          return false;
        }
        done += inPage;
      }
      return true;
    } finally {
      mmu.setNarrates(true);
      hart.setRegister(A0, savedA0);
      hart.setRegister(A1, savedA1);
    }
  }

  private boolean runPage(long va, byte[] bytes, int from, int length, Access access) {
    int first = sizeShift(va, length);
    String name = (access == Access.LOAD ? LOAD_NAMES : STORE_NAMES)[first];
    log.step(StepKind.ISSUES, log.intern(name), access.ordinal(), 1L << first, va);
    if (!runOne(va, bytes, from, first, access)) {
      return false;
    }
    log.step(StepKind.MOVES, access.ordinal(), 1L << first, mmu.lastPhysical());
    int done = 1 << first;
    return done == length || runRest(va, bytes, from, done, length, access);
  }

  /** Goes on in a page that was just accessed: nothing of it is worth telling one by one. */
  private boolean runRest(long va, byte[] bytes, int from, int first, int length, Access access) {
    mmu.setNarrates(false);
    int done = first;
    int count = 0;
    while (done < length) {
      int shift = sizeShift(va + done, length - done);
      if (!runOne(va + done, bytes, from + done, shift, access)) {
        return false;
      }
      done += 1 << shift;
      count++;
    }
    mmu.setNarrates(true);
    log.step(StepKind.REPEATS, length - (long) first, count);
    return true;
  }

  private boolean runOne(long va, byte[] bytes, int at, int shift, Access access) {
    int size = 1 << shift;
    hart.setRegister(A0, va);
    if (access == Access.STORE) {
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | bytes[at + i] & 0xff;
      }
      hart.setRegister(A1, value);
      return hart.inject(stores[shift]);
    }
    if (!hart.inject(loads[shift])) {
      return false;
    }
    long value = hart.register(A1);
    for (int i = 0; i < size; i++) {
      bytes[at + i] = (byte) (value >>> 8 * i);
    }
    return true;
  }

  /**
   * The largest naturally aligned access that begins at {@code va}: 0 for a byte to 3 for a
   * doubleword.
   */
  private static int sizeShift(long va, int length) {
    int aligned = Math.min(3, Long.numberOfTrailingZeros(va));
    int fitting = 31 - Integer.numberOfLeadingZeros(length);
    return Math.min(aligned, fitting);
  }
}
