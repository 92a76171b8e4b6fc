package dev.faultline.machine.hart;

import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.FastTable;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.Trap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What compiled code calls: memory by the fast path, and everything else the long way. Each call
 * says which instruction of the region it belongs to and how much of the budget was left, so that a
 * trap knows where it happened without anything being kept while none does.
 */
final class Ports {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);
  private static final long BOX = 0xffff_ffff_0000_0000L;

  /** The instruction is done, but what is known of code may no longer hold. */
  static final class Leave extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Leave() {
      super(null, null, false, false);
    }
  }

  private static final Leave LEAVE = new Leave();

  private final Hart hart;
  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final LoadStore access;
  private final FetchUnit fetcher;
  private final FloatUnit floats;
  private final Atomics atomics;
  private final ControlRegisters registers;
  private final long[] x;
  private final long[] f;

  private long[] loadTag = {};
  private int[] loadValue = {};
  private long[] storeTag = {};
  private int[] storeValue = {};
  private long[] fetchTag = {};
  private int[] fetchValue = {};
  private int[] frames = {};
  private byte[] ram = {};
  private int mask;

  /** Where compiled code left off: the address of the next instruction, and the budget left. */
  private long pc;

  private int left;

  /** The instruction that called last, and what it loaded if that is still to be written. */
  private int at;

  private long loaded;
  private boolean isLoadPending;

  private CompiledRegion region;
  private long page;
  private int budget;

  Ports(
      Hart hart,
      PhysicalMemory memory,
      Mmu mmu,
      LoadStore access,
      FetchUnit fetcher,
      FloatUnit floats,
      Atomics atomics,
      ControlRegisters registers,
      long[] x,
      long[] f) {
    this.hart = hart;
    this.memory = memory;
    this.mmu = mmu;
    this.access = access;
    this.fetcher = fetcher;
    this.floats = floats;
    this.atomics = atomics;
    this.registers = registers;
    this.x = x;
    this.f = f;
    region = CompiledRegion.NONE;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  /** Before a run of compiled code: what the fast path is now. */
  void begin() {
    loadTag = mmu.loads().tag;
    loadValue = mmu.loads().value;
    storeTag = mmu.stores().tag;
    storeValue = mmu.stores().value;
    fetchTag = mmu.fetches().tag;
    fetchValue = mmu.fetches().value;
    mask = loadTag.length - 1;
    ram = memory.bytes();
  }

  /** Before a region is entered at a page, with the budget of the whole run. */
  void enter(CompiledRegion entered, long atPage, int wholeBudget) {
    region = entered;
    frames = entered.frames();
    page = atPage;
    budget = wholeBudget;
  }

  long pc() {
    return pc;
  }

  CompiledRegion region() {
    return region;
  }

  int left() {
    return left;
  }

  int at() {
    return at;
  }

  long loaded() {
    return loaded;
  }

  boolean isLoadPending() {
    return isLoadPending;
  }

  /** How many instructions of the run had retired before the one that called last. */
  int executing() {
    return budget - left - region.remaining(at);
  }

  // Called by compiled code.

  void exit(long next, int budgetLeft) {
    pc = next;
    left = budgetLeft;
  }

  /** True when a page of the region is on the fast path and still has the frame it had. */
  static boolean leadsTo(Ports p, long va, int number) {
    int place = FastTable.place(va, p.mask);
    return p.fetchTag[place] == va && p.fetchValue[place] == p.frames[number];
  }

  // HotSpot inlines methods of up to 35 bytes of bytecode wherever they are called.

  /** Where in memory's bytes a load finds its address; negative for the long way. */
  private int placeOfLoad(long va, long sizeMask) {
    int place = FastTable.place(va, mask);
    return loadTag[place] == (va & sizeMask) ? (int) va + loadValue[place] : -1;
  }

  private int placeOfStore(long va, long sizeMask) {
    int place = FastTable.place(va, mask);
    return storeTag[place] == (va & sizeMask) ? (int) va + storeValue[place] : -1;
  }

  static long lb(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4096);
    return place >= 0 ? p.ram[place] : (byte) p.load(va, 1, at, left);
  }

  static long lbu(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4096);
    return place >= 0 ? p.ram[place] & 0xff : p.load(va, 1, at, left);
  }

  static long lh(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4095);
    return place >= 0 ? (short) SHORT.get(p.ram, place) : (short) p.load(va, 2, at, left);
  }

  static long lhu(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4095);
    return place >= 0 ? (short) SHORT.get(p.ram, place) & 0xffff : p.load(va, 2, at, left);
  }

  static long lw(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4093);
    return place >= 0 ? (int) INT.get(p.ram, place) : (int) p.load(va, 4, at, left);
  }

  static long lwu(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4093);
    return place >= 0 ? (int) INT.get(p.ram, place) & 0xffff_ffffL : p.load(va, 4, at, left);
  }

  static long ld(Ports p, long va, int at, int left) {
    int place = p.placeOfLoad(va, -4089);
    return place >= 0 ? (long) LONG.get(p.ram, place) : p.load(va, 8, at, left);
  }

  static long flw(Ports p, long va, int at, int left) {
    p.writesFloat(at, left);
    return lw(p, va, at, left) | BOX;
  }

  static long fld(Ports p, long va, int at, int left) {
    p.writesFloat(at, left);
    return ld(p, va, at, left);
  }

  static void sb(Ports p, long va, long value, int at, int left) {
    int place = p.placeOfStore(va, -4096);
    if (place >= 0) {
      p.ram[place] = (byte) value;
    } else {
      p.store(va, 1, value, at, left);
    }
  }

  static void sh(Ports p, long va, long value, int at, int left) {
    int place = p.placeOfStore(va, -4095);
    if (place >= 0) {
      SHORT.set(p.ram, place, (short) value);
    } else {
      p.store(va, 2, value, at, left);
    }
  }

  static void sw(Ports p, long va, long value, int at, int left) {
    int place = p.placeOfStore(va, -4093);
    if (place >= 0) {
      INT.set(p.ram, place, (int) value);
    } else {
      p.store(va, 4, value, at, left);
    }
  }

  static void sd(Ports p, long va, long value, int at, int left) {
    int place = p.placeOfStore(va, -4089);
    if (place >= 0) {
      LONG.set(p.ram, place, value);
    } else {
      p.store(va, 8, value, at, left);
    }
  }

  static void fsw(Ports p, long va, long value, int at, int left) {
    p.requireFloat(at, left);
    sw(p, va, value, at, left);
  }

  static void fsd(Ports p, long va, long value, int at, int left) {
    p.requireFloat(at, left);
    sd(p, va, value, at, left);
  }

  /** Any instruction that has no code of its own. */
  static void rare(Ports p, long word, int at, int left) {
    p.at = at;
    p.left = left;
    int op = (int) word & 0xff;
    if (op >= Op.FMADD_S) {
      p.floats.execute(word);
    } else if (op >= Op.LR_W) {
      p.atomic(word);
    } else {
      Multiply.execute(op, word, p.x);
    }
  }

  // Doubles, rounded as frm says: the host's result where that is exact.

  static long fadd(Ports p, long a, long b, long word, int at, int left) {
    if (p.registers.leavesRoundingToHost()) {
      double sum = Double.longBitsToDouble(a) + Double.longBitsToDouble(b);
      if (FloatUnit.isNormal(sum)) {
        return Double.doubleToRawLongBits(sum);
      }
    }
    return p.arithmetic(word, at, left);
  }

  static long fsub(Ports p, long a, long b, long word, int at, int left) {
    if (p.registers.leavesRoundingToHost()) {
      double difference = Double.longBitsToDouble(a) - Double.longBitsToDouble(b);
      if (FloatUnit.isNormal(difference)) {
        return Double.doubleToRawLongBits(difference);
      }
    }
    return p.arithmetic(word, at, left);
  }

  static long fmul(Ports p, long a, long b, long word, int at, int left) {
    if (p.registers.leavesRoundingToHost()) {
      double product = Double.longBitsToDouble(a) * Double.longBitsToDouble(b);
      if (FloatUnit.isNormal(product)) {
        return Double.doubleToRawLongBits(product);
      }
    }
    return p.arithmetic(word, at, left);
  }

  static long fmadd(Ports p, long a, long b, long c, long word, int at, int left) {
    if (p.registers.leavesRoundingToHost()) {
      double sum =
          Math.fma(
              Double.longBitsToDouble(a), Double.longBitsToDouble(b), Double.longBitsToDouble(c));
      if (FloatUnit.isNormal(sum)) {
        return Double.doubleToRawLongBits(sum);
      }
    }
    return p.arithmetic(word, at, left);
  }

  private long arithmetic(long word, int calledAt, int budgetLeft) {
    at = calledAt;
    left = budgetLeft;
    floats.execute(word);
    return f[Decoded.rd(word)];
  }

  private void writesFloat(int calledAt, int budgetLeft) {
    if (!registers.isFloatDirty()) {
      requireFloat(calledAt, budgetLeft);
      floats.dirty();
    }
  }

  private void requireFloat(int calledAt, int budgetLeft) {
    at = calledAt;
    left = budgetLeft;
    floats.require();
  }

  private long load(long va, int size, int calledAt, int budgetLeft) {
    prepare(calledAt, budgetLeft);
    long value = access.load(va, size);
    ram = memory.bytes();
    if (!goesOn()) {
      loaded = value;
      isLoadPending = true;
      throw LEAVE;
    }
    return value;
  }

  private void store(long va, int size, long value, int calledAt, int budgetLeft) {
    prepare(calledAt, budgetLeft);
    access.store(va, size, value);
    finish();
  }

  private void atomic(long word) {
    prepare(at, left);
    atomics.execute(word);
    finish();
  }

  private void prepare(int calledAt, int budgetLeft) {
    at = calledAt;
    left = budgetLeft;
    isLoadPending = false;
    hart.setExecuting(executing());
  }

  private void finish() {
    ram = memory.bytes();
    if (!goesOn()) {
      throw LEAVE;
    }
  }

  /** True when the next instruction is what this code has there. */
  private boolean goesOn() {
    return !hart.takeAttention() && (!hart.takeFetchesDropped() || isStillFetched());
  }

  /**
   * A row of the TLB that instructions were fetched by gave way, which a program does all the time
   * whose pages are more than the TLB's rows. The next instruction may have to be translated anew;
   * leaving for that by an exception would cost ten times as much.
   */
  private boolean isStillFetched() {
    long next = region.offsetAfter(at);
    if ((next & PhysicalMemory.FRAME_SIZE - 1) == 0 || left + region.remaining(at) == 1) {
      return false;
    }
    hart.setExecuting(executing() + 1);
    try {
      return fetcher.isStillIn(region.frame(at), page + next);
    } catch (Trap trap) {
      hart.setTrapped(trap);
      return false;
    }
  }
}
