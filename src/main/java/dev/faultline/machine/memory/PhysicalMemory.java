package dev.faultline.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The bytes of all frames, from physical address 0 on. One array backs them, as long as the highest
 * frame touched so far needs, so that a laboratory which uses little costs little; memory above it
 * reads as zero.
 */
public final class PhysicalMemory {
  public static final int FRAME_SHIFT = 12;
  public static final int FRAME_SIZE = 1 << FRAME_SHIFT;

  private static final int FIRST_BYTES = 16 * FRAME_SIZE;
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final int frames;
  private byte[] ram;

  /**
   * @param frames how many frames there are, 1 to 524,287 (one array holds them)
   */
  public PhysicalMemory(int frames) {
    if (frames < 1 || frames > Integer.MAX_VALUE >> FRAME_SHIFT) {
      throw new IllegalArgumentException("frames: " + frames);
    }
    this.frames = frames;
    ram = new byte[Math.min(FIRST_BYTES, frames * FRAME_SIZE)];
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  public int frames() {
    return frames;
  }

  /** True when all of {@code size} bytes from {@code address} on are memory. */
  public boolean holds(long address, int size) {
    return address >= 0 && address <= ((long) frames << FRAME_SHIFT) - size;
  }

  /** Loads 1, 2, 4 or 8 bytes, zero-extended. */
  public long load(long address, int size) {
    int at = (int) address;
    if (at + size > ram.length) {
      grow(at + size);
    }
    return switch (size) {
      case 1 -> ram[at] & 0xff;
      case 2 -> (short) SHORT.get(ram, at) & 0xffff;
      case 4 -> (int) INT.get(ram, at) & 0xffff_ffffL;
      default -> (long) LONG.get(ram, at);
    };
  }

  /** Stores the low 1, 2, 4 or 8 bytes of {@code value}. */
  public void store(long address, int size, long value) {
    int at = (int) address;
    if (at + size > ram.length) {
      grow(at + size);
    }
    switch (size) {
      case 1 -> ram[at] = (byte) value;
      case 2 -> SHORT.set(ram, at, (short) value);
      case 4 -> INT.set(ram, at, (int) value);
      default -> LONG.set(ram, at, value);
    }
  }

  public void zeroFrame(long ppn) {
    int from = (int) (ppn << FRAME_SHIFT);
    if (from < ram.length) {
      Arrays.fill(ram, from, from + FRAME_SIZE, (byte) 0);
    }
  }

  public void copyFrame(long from, long to) {
    int source = (int) (from << FRAME_SHIFT);
    int target = (int) (to << FRAME_SHIFT);
    grow(Math.max(source, target) + FRAME_SIZE);
    System.arraycopy(ram, source, ram, target, FRAME_SIZE);
  }

  /** Copies bytes of the host into memory, within one frame. */
  public void put(long address, byte[] bytes, int offset, int length) {
    grow((int) address + length);
    System.arraycopy(bytes, offset, ram, (int) address, length);
  }

  /** Copies memory to bytes of the host, within one frame. */
  public void get(long address, byte[] bytes, int offset, int length) {
    grow((int) address + length);
    System.arraycopy(ram, (int) address, bytes, offset, length);
  }

  private void grow(int bytes) {
    if (bytes > ram.length) {
      long wanted = Math.max(bytes, ram.length * 2L);
      ram = Arrays.copyOf(ram, (int) Math.min(wanted, (long) frames << FRAME_SHIFT));
    }
  }
}
