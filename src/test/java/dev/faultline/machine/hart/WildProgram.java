package dev.faultline.machine.hart;

import dev.faultline.log.ChangeLog;
import dev.faultline.machine.Machine;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.isa.RandomInstructions;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A machine with a random program that jumps about: calls, returns, jumps through tables, branches
 * and loops over several pages of code, with instructions across the borders of pages, more pages
 * of data than the TLB has rows, and stores to its own code. Its kernel answers every trap by going
 * on somewhere, often after having changed code, or where a page of code leads. All of it follows
 * from the seed.
 */
final class WildProgram implements Environment {
  private static final int CODE_PAGES = 6;
  private static final int DATA_PAGES = 12;
  private static final int FRAMES = 64;
  private static final int ROOT = 1;
  private static final int FIRST_CODE = 8;
  private static final int FIRST_DATA = 32;
  private static final int TABLE = 60;

  private static final long CODE = 0x10_0000;
  private static final long ALIAS = 0x14_0000;
  private static final long DATA = 0x18_0000;
  private static final long POINTERS = 0x1c_0000;

  private static final int RA = 1;
  private static final int SP = 2;
  private static final int GP = 3;
  private static final int T0 = 5;
  private static final int S0 = 8;
  private static final int S1 = 9;
  private static final int POINTERS_OF_A_KIND = 64;

  private static final int ECALL = 0x0000_0073;
  private static final int C_RET = 0x8082;
  private static final int C_EBREAK = 0x9002;

  /** To a0. */
  private static final int READ_INSTRET = 0xc020_2573;

  private final Random random;
  private final Machine machine;
  private final ChangeLog log = new ChangeLog(1 << 22);
  private final byte[] code = new byte[CODE_PAGES * PhysicalMemory.FRAME_SIZE];
  private final int[] frames = new int[CODE_PAGES];
  private final List<Integer> starts = new ArrayList<>();

  WildProgram(long seed, int compileAfter) {
    random = new Random(seed);
    var configuration =
        new MachineConfiguration(
            0,
            FRAMES,
            PagingMode.SV39,
            8 << random.nextInt(4),
            1 << random.nextInt(3),
            random.nextBoolean() ? Replacement.ROUND_ROBIN : Replacement.RANDOM,
            seed,
            AdBits.HARDWARE);
    machine = new Machine(configuration, this, log);
    writeCode();
    for (int page = 0; page < CODE_PAGES; page++) {
      frames[page] = FIRST_CODE + page;
      putCode(page);
    }
    writePointers();
    mapAll();
    Hart hart = machine.hart();
    hart.compileAfter(compileAfter);
    hart.enter(1, 1, ROOT);
    for (int i = 1; i < 32; i++) {
      hart.setRegister(i, random.nextLong());
      hart.setFloatRegister(i, random.nextLong());
    }
    restart();
  }

  Machine machine() {
    return machine;
  }

  ChangeLog log() {
    return log;
  }

  /** Points the registers that programs leave alone to where they belong, and goes on somewhere. */
  void restart() {
    Hart hart = machine.hart();
    hart.setRegister(GP, POINTERS);
    for (int register : new int[] {SP, S0, S1}) {
      hart.setRegister(register, dataPointer());
    }
    hart.setRegister(RA, start());
    hart.setPc(start());
    hart.setSepc(hart.pc());
  }

  @Override
  public boolean handle(Hart hart) {
    int page = random.nextInt(CODE_PAGES);
    // Seldom: pages of code that change often are compiled no more.
    switch (random.nextInt(64)) {
      case 0, 1, 2 -> {
        // The page of code has another frame from now on; with luck, nobody told the TLB.
        frames[page] = FIRST_CODE + random.nextInt(FIRST_DATA - FIRST_CODE);
        putCode(page);
        mapCode(page);
        if (random.nextBoolean()) {
          machine.tlb().fencePage(CODE + (long) page * PhysicalMemory.FRAME_SIZE);
        }
      }
      case 3, 4 -> {
        int start = starts.get(random.nextInt(starts.size()));
        int instruction = new RandomInstructions(random).next();
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putInt(start, instruction);
        putCode(start >>> PhysicalMemory.FRAME_SHIFT);
      }
      case 5, 6, 7 -> machine.tlb().fence();
      default -> {}
    }
    restart();
    return true;
  }

  // What it is made of.

  private long start() {
    return CODE + starts.get(random.nextInt(starts.size()));
  }

  private long dataPointer() {
    // At a border of two pages as often as not.
    long page = DATA + (long) (1 + random.nextInt(DATA_PAGES - 2)) * PhysicalMemory.FRAME_SIZE;
    return random.nextBoolean() ? page : page + 2048 + 8 * random.nextInt(-64, 64);
  }

  private void writePointers() {
    boolean writesCode = random.nextInt(4) == 0;
    for (int i = 0; i < 2 * POINTERS_OF_A_KIND; i++) {
      long pointer = i < POINTERS_OF_A_KIND ? start() : dataPointer();
      if (i == POINTERS_OF_A_KIND && writesCode) {
        pointer = ALIAS + 4096L * random.nextInt(CODE_PAGES) + 8 * random.nextInt(512);
      }
      machine.memory().store(((long) TABLE << 12) + 8L * i, 8, pointer);
    }
  }

  private void mapAll() {
    PhysicalMemory memory = machine.memory();
    memory.store((long) ROOT << 12, 8, Entry.of(ROOT + 1, Entry.V));
    memory.store((long) ROOT + 1 << 12, 8, Entry.of(ROOT + 2, Entry.V));
    for (int page = 0; page < CODE_PAGES; page++) {
      mapCode(page);
    }
    for (int page = 0; page < DATA_PAGES; page++) {
      map(DATA + page * 4096L, FIRST_DATA + page, Entry.R | Entry.W | random.nextInt(4) * Entry.A);
    }
    map(POINTERS, TABLE, Entry.R | Entry.A);
  }

  private void mapCode(int page) {
    map(CODE + page * 4096L, frames[page], Entry.X | Entry.A);
    map(ALIAS + page * 4096L, frames[page], Entry.R | Entry.W | Entry.A | Entry.D);
  }

  private void map(long va, int frame, long flags) {
    long entry = ((long) ROOT + 2 << 12) + 8 * (va >>> 12);
    machine.memory().store(entry, 8, Entry.of(frame, flags | Entry.U | Entry.V));
  }

  private void putCode(int page) {
    machine.memory().put((long) frames[page] << 12, code, page * 4096, 4096);
  }

  private void writeCode() {
    ByteBuffer to = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
    var straight = new RandomInstructions(random);
    // Sparse, so that each place is executed often; dense at the borders of pages.
    while (to.remaining() > 64) {
      int inPage = to.position() & 4095;
      if (inPage > 500 && inPage < 3800) {
        to.putInt(RandomInstructions.jal(0, 3800 - inPage));
        to.position(to.position() + 3796 - inPage);
      }
      starts.add(to.position());
      writeSome(to, straight);
    }
    while (to.hasRemaining()) {
      to.putShort((short) C_EBREAK);
    }
  }

  private void writeSome(ByteBuffer to, RandomInstructions straight) {
    int at = to.position();
    int near = Math.max(at - 2048, starts.get(Math.max(0, starts.size() - 1 - random.nextInt(8))));
    int far = starts.get(random.nextInt(starts.size()));
    switch (random.nextInt(24)) {
      case 0, 1 -> to.putInt(RandomInstructions.jal(RA, far - at));
      case 2 -> to.putInt(RandomInstructions.jal(0, (random.nextBoolean() ? near : far) - at));
      case 3, 4, 5 -> to.putInt(straight.branch(near - at));
      case 6 -> to.putInt(straight.branch(8)).putInt(straight.next());
      case 7 ->
          to.putInt(pointer(RA, random.nextInt(POINTERS_OF_A_KIND)))
              .putInt(RandomInstructions.jalr(0, RA));
      case 8 -> to.putShort((short) C_RET);
      case 9 ->
          to.putInt(pointer(T0, random.nextInt(POINTERS_OF_A_KIND)))
              .putInt(RandomInstructions.jalr(0, T0));
      case 10 ->
          to.putInt(pointer(T0, random.nextInt(POINTERS_OF_A_KIND)))
              .putInt(RandomInstructions.jalr(RA, T0));
      case 11, 12, 13 -> {
        int register = new int[] {SP, S0, S1}[random.nextInt(3)];
        to.putInt(pointer(register, POINTERS_OF_A_KIND + random.nextInt(POINTERS_OF_A_KIND)));
      }
      case 14 -> {
        if (random.nextInt(6) == 0) {
          to.putInt(ECALL);
        } else {
          // How many instructions have retired is to be alike wherever it is asked for.
          to.putInt(READ_INSTRET);
        }
      }
      case 15 -> {
        for (int instruction : straight.reservation()) {
          to.putInt(instruction);
        }
      }
      case 16, 17, 18, 19 -> to.putShort((short) straight.nextCompressed());
      default -> to.putInt(straight.next());
    }
  }

  private static int pointer(int rd, int number) {
    return RandomInstructions.ld(rd, GP, 8 * number);
  }
}
