package dev.faultline.machine.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.ChangeLog;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.NaiveTranslation.Forbidden;
import dev.faultline.machine.mmu.NaiveTranslation.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random accesses through random tables, in every mode and setting, against {@link
 * NaiveTranslation}. The TLB is between: as long as tables are changed by nobody but the MMU it
 * must make no difference.
 */
@Execution(ExecutionMode.CONCURRENT)
class TranslationTest {
  private static final long SEED = 20_261_122;
  private static final int TABLES = 7_000;
  private static final int ACCESSES = 50;
  private static final int LEAST_OFTEN = 500;

  private static final long BASE = 0x8000_0000L;
  private static final int FRAMES = 12;
  private static final int TABLE_FRAMES = 8;

  /** Indices that addresses and tables use: few, so that they meet. */
  private static final int[] INDICES = {0, 1, 255, 256, 511};

  private final Map<Long, Long> model = new HashMap<>();
  private final Map<Integer, Integer> outcomes = new HashMap<>();

  @ParameterizedTest
  @EnumSource(Replacement.class)
  void accesses_endAsTheManualSays(Replacement replacement) {
    for (int i = 0; i < TABLES; i++) {
      long seed = SEED + i;
      checkTables(seed, new Random(seed), replacement);
    }
    assertThat(outcomes)
        .as("every outcome, often")
        .hasSize(7)
        .allSatisfy((cause, times) -> assertThat(times).isGreaterThan(LEAST_OFTEN));
  }

  private void checkTables(long seed, Random random, Replacement replacement) {
    var log = new ChangeLog(1 << 14);
    var memory = new PhysicalMemory(BASE, FRAMES);
    var tlb = new Tlb(0, 8, 2, replacement, seed, memory, new TlbSources(), log);
    var pmp = new Pmp();
    var adBits = random.nextBoolean() ? AdBits.HARDWARE : AdBits.FAULT;
    var tables = new PageTableMemory(memory, false, log);
    var mmu = new Mmu(memory, pmp, adBits, tlb, tables, new Trap(), log);
    fill(memory, random);
    var naive = new NaiveTranslation(model, BASE, BASE + FRAMES * 4096L);
    PagingMode mode = PagingMode.values()[random.nextInt(3)];
    naive.levels = mode.levels();
    naive.rootFrame = (BASE >> 12) + random.nextInt(TABLE_FRAMES);
    naive.hardwareSetsBits = adBits == AdBits.HARDWARE;
    protect(pmp, naive, random);
    mmu.use(mode, naive.rootFrame, random.nextInt(4));
    mmu.setNarrates(random.nextBoolean());
    for (int i = 0; i < ACCESSES; i++) {
      check(seed, random, mmu, naive);
    }
    model.forEach((address, value) ->
        assertThat(memory.load(address, 8)).as("entry of seed %d", seed).isEqualTo(value));
  }

  private void fill(PhysicalMemory memory, Random random) {
    model.clear();
    for (int frame = 0; frame < TABLE_FRAMES; frame++) {
      for (int index : INDICES) {
        long address = BASE + frame * 4096L + index * 8L;
        long entry = entry(random);
        memory.store(address, 8, entry);
        model.put(address, entry);
      }
    }
  }

  private static long entry(Random random) {
    long frame = (BASE >> 12) + random.nextInt(FRAMES);
    int kind = random.nextInt(16);
    if (kind == 0) {
      return random.nextLong();
    }
    if (kind == 1) {
      frame = random.nextLong() >>> 20;
    }
    if (kind == 2 || kind == 3) {
      frame &= -(1L << 9 * random.nextInt(5));
    }
    long flags = kind < 9 ? Entry.V : Entry.V | random.nextInt(256);
    if (random.nextInt(40) == 0) {
      flags |= 1L << 54 + random.nextInt(10);
    }
    return frame << 10 | flags;
  }

  private static void protect(Pmp pmp, NaiveTranslation naive, Random random) {
    pmp.setAddress(1, -1);
    long open = 0x1f;
    if (random.nextInt(4) > 0) {
      pmp.setConfiguration(0, open << 8);
      return;
    }
    long from = BASE + random.nextInt(FRAMES * 1024) * 4L;
    pmp.setAddress(0, from >> 2);
    pmp.setConfiguration(0, open << 8 | 0x10);
    naive.forbidden = new Forbidden(from, from + 4);
  }

  private void check(long seed, Random random, Mmu mmu, NaiveTranslation naive) {
    naive.inUserMode = random.nextBoolean();
    naive.sum = random.nextBoolean();
    naive.mxr = random.nextBoolean();
    int privilege = naive.inUserMode ? Privilege.U : Privilege.S;
    // With mstatus.MPRV, M-mode loads and stores as the privilege in MPP would; it fetches as
    // itself.
    boolean mprv = random.nextInt(4) == 0;
    mmu.setPrivilege(mprv ? Privilege.M : privilege, privilege);
    mmu.setPermissions(naive.sum, naive.mxr);
    long va = address(random, naive.levels);
    Access access = Access.values()[random.nextInt(mprv ? 2 : 3)];
    Outcome outcome;
    try {
      outcome = Outcome.at(mmu.translate(va, access, 1));
    } catch (Trap trap) {
      assertThat(trap.value()).as("stval of seed %d", seed).isEqualTo(va);
      outcome = Outcome.exception(trap.cause());
    }
    outcomes.merge(outcome.cause(), 1, Integer::sum);
    Outcome expected = naive.translate(va, "rwx".charAt(access.ordinal()));
    assertThat(outcome)
        .as("seed %d, %s of 0x%x in %s-mode", seed, access, va, naive.inUserMode ? "U" : "S")
        .isEqualTo(expected);
  }

  private static long address(Random random, int levels) {
    long va = random.nextInt(4096);
    for (int level = 0; level < levels; level++) {
      va |= (long) INDICES[random.nextInt(INDICES.length)] << 12 + 9 * level;
    }
    int unused = 64 - 12 - 9 * levels;
    long canonical = va << unused >> unused;
    return random.nextInt(20) == 0 ? canonical ^ 1L << 40 + random.nextInt(24) : canonical;
  }
}
