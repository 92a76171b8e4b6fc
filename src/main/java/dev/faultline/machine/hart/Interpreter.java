package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.FastTable;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.Trap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Executes decoded blocks, one after another as long as it knows where the next one is.
 *
 * <p>Everything frequent happens in {@link #run} itself, on locals; HotSpot compiles no method of
 * more than 8,000 bytes of bytecode, so that everything else is a call. Such a call may drop rows
 * of the TLB or decoded blocks, or ask for attention; then the loop ends with that instruction, and
 * the hart looks at everything anew. The masks of addresses are those that {@link FastTable}
 * explains; the fields of {@code w} are those of {@link dev.faultline.machine.isa.Decoded}.
 */
final class Interpreter implements BlockExecutor {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  /** Added to both sides, turns an unsigned comparison into a signed one. */
  private static final long MIN = Long.MIN_VALUE;

  private static final long BOX = 0xffff_ffff_0000_0000L;

  private final Hart hart;
  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final CodeCache codes;
  private final LoadStore access;
  private final SystemUnit system;
  private final FloatUnit floats;
  private final Atomics atomics;
  private final RegionCompiler compiler;
  private final long[] x;
  private final long[] f;
  private boolean left;

  Interpreter(
      Hart hart,
      PhysicalMemory memory,
      Mmu mmu,
      CodeCache codes,
      LoadStore access,
      SystemUnit system,
      FloatUnit floats,
      Atomics atomics,
      RegionCompiler compiler,
      long[] x,
      long[] f) {
    this.hart = hart;
    this.memory = memory;
    this.mmu = mmu;
    this.codes = codes;
    this.access = access;
    this.system = system;
    this.floats = floats;
    this.x = x;
    this.f = f;
    this.atomics = atomics;
    this.compiler = compiler;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public int run(Block first, long startPc, int budget) {
    final long[] x = this.x;
    final long[] f = this.f;
    final long[] loadTag = mmu.loads().tag;
    final int[] loadValue = mmu.loads().value;
    final long[] storeTag = mmu.stores().tag;
    final int[] storeValue = mmu.stores().value;
    final int mask = loadTag.length - 1;
    byte[] ram = memory.bytes();
    Block block = first;
    long pc = startPc;
    int done = 0;
    int i = 0;
    left = false;
    try {
      for (; ; ) {
        final long[] code = block.code;
        int end = Math.min(code.length, budget - done);
        long next = pc + block.offsets[code.length];
        for (i = 0; i < end; i++) {
          long word = code[i];
          int w = (int) word;
          switch (w & 0xff) {
            case Op.ADDI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] + (word >> 32);
            case Op.SLTI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] < (word >> 32) ? 1 : 0;
            case Op.SLTIU -> x[w >>> 8 & 63] = x[w >>> 14 & 63] + MIN < (word >> 32) + MIN ? 1 : 0;
            case Op.XORI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] ^ (word >> 32);
            case Op.ORI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] | (word >> 32);
            case Op.ANDI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] & (word >> 32);
            case Op.SLLI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] << (int) (word >> 32);
            case Op.SRLI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] >>> (int) (word >> 32);
            case Op.SRAI -> x[w >>> 8 & 63] = x[w >>> 14 & 63] >> (int) (word >> 32);
            case Op.ADD -> x[w >>> 8 & 63] = x[w >>> 14 & 63] + x[w >>> 20 & 63];
            case Op.SUB -> x[w >>> 8 & 63] = x[w >>> 14 & 63] - x[w >>> 20 & 63];
            case Op.SLL -> x[w >>> 8 & 63] = x[w >>> 14 & 63] << x[w >>> 20 & 63];
            case Op.SLT -> x[w >>> 8 & 63] = x[w >>> 14 & 63] < x[w >>> 20 & 63] ? 1 : 0;
            case Op.SLTU ->
                x[w >>> 8 & 63] = x[w >>> 14 & 63] + MIN < x[w >>> 20 & 63] + MIN ? 1 : 0;
            case Op.XOR -> x[w >>> 8 & 63] = x[w >>> 14 & 63] ^ x[w >>> 20 & 63];
            case Op.SRL -> x[w >>> 8 & 63] = x[w >>> 14 & 63] >>> x[w >>> 20 & 63];
            case Op.SRA -> x[w >>> 8 & 63] = x[w >>> 14 & 63] >> x[w >>> 20 & 63];
            case Op.OR -> x[w >>> 8 & 63] = x[w >>> 14 & 63] | x[w >>> 20 & 63];
            case Op.AND -> x[w >>> 8 & 63] = x[w >>> 14 & 63] & x[w >>> 20 & 63];
            case Op.ADDIW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] + (int) (word >> 32);
            case Op.SLLIW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] << (int) (word >> 32);
            case Op.SRLIW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] >>> (int) (word >> 32);
            case Op.SRAIW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] >> (int) (word >> 32);
            case Op.ADDW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] + (int) x[w >>> 20 & 63];
            case Op.SUBW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] - (int) x[w >>> 20 & 63];
            case Op.SLLW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] << (int) x[w >>> 20 & 63];
            case Op.SRLW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] >>> (int) x[w >>> 20 & 63];
            case Op.SRAW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] >> (int) x[w >>> 20 & 63];
            case Op.MUL -> x[w >>> 8 & 63] = x[w >>> 14 & 63] * x[w >>> 20 & 63];
            case Op.MULH -> x[w >>> 8 & 63] = Math.multiplyHigh(x[w >>> 14 & 63], x[w >>> 20 & 63]);
            case Op.MULHU ->
                x[w >>> 8 & 63] = Math.unsignedMultiplyHigh(x[w >>> 14 & 63], x[w >>> 20 & 63]);
            case Op.MULW -> x[w >>> 8 & 63] = (int) x[w >>> 14 & 63] * (int) x[w >>> 20 & 63];
            case Op.LUI -> x[w >>> 8 & 63] = (word >> 32);
            case Op.AUIPC -> x[w >>> 8 & 63] = pc + block.offsets[i] + (word >> 32);
            case Op.LB -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4096L)) {
                x[w >>> 8 & 63] = ram[(int) va + loadValue[place]];
              } else {
                x[w >>> 8 & 63] = (byte) load(va, 1, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.LBU -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4096L)) {
                x[w >>> 8 & 63] = ram[(int) va + loadValue[place]] & 0xff;
              } else {
                x[w >>> 8 & 63] = load(va, 1, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.LH -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4095L)) {
                x[w >>> 8 & 63] = (short) SHORT.get(ram, (int) va + loadValue[place]);
              } else {
                x[w >>> 8 & 63] = (short) load(va, 2, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.LHU -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4095L)) {
                x[w >>> 8 & 63] = (short) SHORT.get(ram, (int) va + loadValue[place]) & 0xffff;
              } else {
                x[w >>> 8 & 63] = load(va, 2, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.LW -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4093L)) {
                x[w >>> 8 & 63] = (int) INT.get(ram, (int) va + loadValue[place]);
              } else {
                x[w >>> 8 & 63] = (int) load(va, 4, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.LWU -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4093L)) {
                x[w >>> 8 & 63] = (int) INT.get(ram, (int) va + loadValue[place]) & 0xffff_ffffL;
              } else {
                x[w >>> 8 & 63] = load(va, 4, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.LD -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4089L)) {
                x[w >>> 8 & 63] = (long) LONG.get(ram, (int) va + loadValue[place]);
              } else {
                x[w >>> 8 & 63] = load(va, 8, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.FLW -> {
              floats.require();
              floats.dirty();
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4093L)) {
                f[w >>> 8 & 63] = BOX | (int) INT.get(ram, (int) va + loadValue[place]);
              } else {
                f[w >>> 8 & 63] = BOX | load(va, 4, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.FLD -> {
              floats.require();
              floats.dirty();
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (loadTag[place] == (va & -4089L)) {
                f[w >>> 8 & 63] = (long) LONG.get(ram, (int) va + loadValue[place]);
              } else {
                f[w >>> 8 & 63] = load(va, 8, done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.SB -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (storeTag[place] == (va & -4096L)) {
                ram[(int) va + storeValue[place]] = (byte) x[w >>> 20 & 63];
              } else {
                store(va, 1, x[w >>> 20 & 63], done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.SH -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (storeTag[place] == (va & -4095L)) {
                SHORT.set(ram, (int) va + storeValue[place], (short) x[w >>> 20 & 63]);
              } else {
                store(va, 2, x[w >>> 20 & 63], done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.SW -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (storeTag[place] == (va & -4093L)) {
                INT.set(ram, (int) va + storeValue[place], (int) x[w >>> 20 & 63]);
              } else {
                store(va, 4, x[w >>> 20 & 63], done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.SD -> {
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (storeTag[place] == (va & -4089L)) {
                LONG.set(ram, (int) va + storeValue[place], x[w >>> 20 & 63]);
              } else {
                store(va, 8, x[w >>> 20 & 63], done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.FSW -> {
              floats.require();
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (storeTag[place] == (va & -4093L)) {
                INT.set(ram, (int) va + storeValue[place], (int) f[w >>> 20 & 63]);
              } else {
                store(va, 4, f[w >>> 20 & 63], done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.FSD -> {
              floats.require();
              long va = x[w >>> 14 & 63] + (word >> 32);
              int place = FastTable.place(va, mask);
              if (storeTag[place] == (va & -4089L)) {
                LONG.set(ram, (int) va + storeValue[place], f[w >>> 20 & 63]);
              } else {
                store(va, 8, f[w >>> 20 & 63], done + i);
                ram = memory.bytes();
                end = disturbed() ? i + 1 : end;
              }
            }
            case Op.BEQ -> {
              if (x[w >>> 14 & 63] == x[w >>> 20 & 63]) {
                next = pc + (word >> 32);
              }
            }
            case Op.BNE -> {
              if (x[w >>> 14 & 63] != x[w >>> 20 & 63]) {
                next = pc + (word >> 32);
              }
            }
            case Op.BLT -> {
              if (x[w >>> 14 & 63] < x[w >>> 20 & 63]) {
                next = pc + (word >> 32);
              }
            }
            case Op.BGE -> {
              if (x[w >>> 14 & 63] >= x[w >>> 20 & 63]) {
                next = pc + (word >> 32);
              }
            }
            case Op.BLTU -> {
              if (x[w >>> 14 & 63] + MIN < x[w >>> 20 & 63] + MIN) {
                next = pc + (word >> 32);
              }
            }
            case Op.BGEU -> {
              if (x[w >>> 14 & 63] + MIN >= x[w >>> 20 & 63] + MIN) {
                next = pc + (word >> 32);
              }
            }
            case Op.JAL -> {
              x[w >>> 8 & 63] = next;
              next = pc + (word >> 32);
            }
            case Op.JALR -> {
              long target = x[w >>> 14 & 63] + (word >> 32) & ~1;
              x[w >>> 8 & 63] = next;
              next = target;
            }
            case Op.FENCE -> {}
            case Op.ECALL,
                Op.EBREAK,
                Op.MRET,
                Op.SRET,
                Op.WFI,
                Op.SFENCE_VMA,
                Op.FENCE_I,
                Op.CSRRW,
                Op.CSRRS,
                Op.CSRRC,
                Op.CSRRWI,
                Op.CSRRSI,
                Op.CSRRCI,
                Op.ILLEGAL -> {
              hart.setExecuting(done + i);
              next = system.execute(word, pc + block.offsets[i], next);
              left = true;
            }
            default -> {
              rare(word, done + i);
              ram = memory.bytes();
              end = disturbed() ? i + 1 : end;
            }
          }
        }
        done += i;
        if (i < code.length) {
          next = pc + block.offsets[i];
        } else if (block.isIndirect) {
          block.addTarget(next - pc);
        }
        Block following = left || done >= budget ? null : following(block.page, pc, next);
        if (following != null
            && (following.heats(compiler.threshold())
                || CompiledExecutor.runs(following, budget - done))) {
          following = null;
        }
        pc = next;
        if (following == null) {
          hart.setPc(pc);
          return done;
        }
        block = following;
      }
    } catch (Trap trap) {
      if (trap.cause() == Cause.ILLEGAL_INSTRUCTION) {
        trap.with(Cause.ILLEGAL_INSTRUCTION, block.bits(i, memory));
      }
      hart.setPc(pc + block.offsets[i]);
      hart.setTrapped(trap);
      return done + i;
    }
  }

  /** The block at {@code next}, if it was decoded and its page is on the fast path. */
  private @Nullable Block following(CodePage page, long pc, long next) {
    if ((pc ^ next) >>> PhysicalMemory.FRAME_SHIFT == 0) {
      return page.blocks[(int) next >>> 1 & CodePage.HALFWORDS - 1];
    }
    return decoded(next);
  }

  /** The block at an address, if it was decoded and its page is on the fast path. */
  @Nullable Block decoded(long next) {
    FastTable fetches = mmu.fetches();
    int place = fetches.place(next);
    if (fetches.tag[place] != (next & -PhysicalMemory.FRAME_SIZE)) {
      return null;
    }
    return codes.page(fetches.value[place]).blocks[(int) next >>> 1 & CodePage.HALFWORDS - 1];
  }

  private long load(long va, int size, int executing) {
    hart.setExecuting(executing);
    return access.load(va, size);
  }

  private void store(long va, int size, long value, int executing) {
    hart.setExecuting(executing);
    access.store(va, size, value);
  }

  private void rare(long word, int executing) {
    hart.setExecuting(executing);
    int op = (int) word & 0xff;
    if (op >= Op.FMADD_S) {
      floats.execute(word);
    } else if (op >= Op.LR_W) {
      atomics.execute(word);
    } else {
      Multiply.execute(op, word, x);
    }
  }

  /** True when what was known of code, or of the page it is fetched from, may no longer hold. */
  private boolean disturbed() {
    boolean now = hart.takeFetchesDropped() | hart.takeAttention();
    left |= now;
    return now;
  }
}
