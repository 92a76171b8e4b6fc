package dev.faultline.machine.mmu;

import java.util.Map;

/**
 * Translation written down once more, from the manual's text alone and without a thought for speed:
 * entries in a map, bits as booleans, no TLB. It shares nothing with the code it is held against
 * but the numbers of exceptions.
 */
final class NaiveTranslation {
  /** What an access came to: a physical address, or the number of an exception. */
  record Outcome(long physical, int cause) {
    static final int NO_CAUSE = -1;

    static Outcome at(long physical) {
      return new Outcome(physical, NO_CAUSE);
    }

    static Outcome exception(int cause) {
      return new Outcome(0, cause);
    }
  }

  /** One region that S- and U-mode may not read; everything else is open to them. */
  record Forbidden(long from, long end) {
    boolean touches(long address, int size) {
      return address < end && address + size > from;
    }
  }

  private final Map<Long, Long> memory;
  private final long memoryStart;
  private final long memoryEnd;

  int levels;
  long rootFrame;
  boolean inUserMode;
  boolean sum;
  boolean mxr;
  boolean hardwareSetsBits;
  Forbidden forbidden = new Forbidden(0, 0);

  NaiveTranslation(Map<Long, Long> memory, long memoryStart, long memoryEnd) {
    this.memory = memory;
    this.memoryStart = memoryStart;
    this.memoryEnd = memoryEnd;
  }

  /** {@code access}: r, w or x. */
  Outcome translate(long virtual, char access) {
    int pageFault = access == 'r' ? 13 : access == 'w' ? 15 : 12;
    int accessFault = access == 'r' ? 5 : access == 'w' ? 7 : 1;
    int bits = levels == 3 ? 39 : levels == 4 ? 48 : 57;
    for (int number = bits; number < 64; number++) {
      if ((virtual >>> number & 1) != (virtual >>> bits - 1 & 1)) {
        return Outcome.exception(pageFault);
      }
    }
    long table = rootFrame * 4096;
    int level = levels - 1;
    long entryAddress;
    long entry;
    while (true) {
      long vpn = (virtual >>> 12 + 9 * level) % 512;
      if (vpn < 0) {
        vpn += 512;
      }
      entryAddress = table + vpn * 8;
      boolean isMemory = entryAddress >= memoryStart && entryAddress + 8 <= memoryEnd;
      if (!isMemory || forbidden.touches(entryAddress, 8)) {
        return Outcome.exception(accessFault);
      }
      entry = memory.getOrDefault(entryAddress, 0L);
      boolean v = (entry & 1) != 0;
      boolean r = (entry & 2) != 0;
      boolean w = (entry & 4) != 0;
      boolean x = (entry & 8) != 0;
      if (!v || !r && w) {
        return Outcome.exception(pageFault);
      }
      for (int number = 54; number < 64; number++) {
        if ((entry >>> number & 1) != 0) {
          return Outcome.exception(pageFault);
        }
      }
      if (r || x) {
        break;
      }
      if ((entry & 0x10) != 0 || (entry & 0x40) != 0 || (entry & 0x80) != 0) {
        return Outcome.exception(pageFault);
      }
      level = level - 1;
      if (level < 0) {
        return Outcome.exception(pageFault);
      }
      table = (entry >>> 10) * 4096;
    }
    long frame = entry >>> 10;
    long framesInPage = 1;
    for (int i = 0; i < level; i++) {
      framesInPage *= 512;
    }
    if (frame % framesInPage != 0) {
      return Outcome.exception(pageFault);
    }
    boolean isUserPage = (entry & 0x10) != 0;
    if (inUserMode && !isUserPage) {
      return Outcome.exception(pageFault);
    }
    if (!inUserMode && isUserPage && (access == 'x' || !sum)) {
      return Outcome.exception(pageFault);
    }
    boolean allowed =
        switch (access) {
          case 'r' -> (entry & 2) != 0 || mxr && (entry & 8) != 0;
          case 'w' -> (entry & 4) != 0;
          default -> (entry & 8) != 0;
        };
    if (!allowed) {
      return Outcome.exception(pageFault);
    }
    boolean needsBits = (entry & 0x40) == 0 || access == 'w' && (entry & 0x80) == 0;
    if (needsBits) {
      if (!hardwareSetsBits) {
        return Outcome.exception(pageFault);
      }
      memory.put(entryAddress, entry | 0x40 | (access == 'w' ? 0x80 : 0));
    }
    long physical = frame * 4096 + Long.remainderUnsigned(virtual, framesInPage * 4096);
    if (forbidden.touches(physical, 1)) {
      return Outcome.exception(accessFault);
    }
    return Outcome.at(physical);
  }
}
