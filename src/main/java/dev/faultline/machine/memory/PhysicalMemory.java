package dev.faultline.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The bytes of all frames, from some physical address on. One array backs them, as long as the
 * highest frame touched so far needs, so that a laboratory which uses little costs little; memory
 * above it reads as zero.
 *
 * <p>A frame can be marked, for a {@link StoreWatcher} that must hear of every store to it. Who
 * stores past this class (the hart's fast path) keeps away from marked frames, so that watching
 * costs nothing elsewhere.
 */
public final class PhysicalMemory {
  public static final int FRAME_SHIFT = 12;
  public static final int FRAME_SIZE = 1 << FRAME_SHIFT;

  /** Why a frame is marked. */
  public enum Mark {
    /** It holds instructions that were decoded. */
    CODE,
    /** It holds table entries that rows of the TLB were filled from. */
    TABLE,
    /** Somebody outside waits for a store to it. */
    AWAITED;

    private static final Mark[] ALL = values();

    private int bit() {
      return 1 << ordinal();
    }
  }

  private static final int FIRST_BYTES = 16 * FRAME_SIZE;
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final long base;
  private final int frames;
  private final byte[] marks;
  private final StoreWatcher[][] watchers = new StoreWatcher[Mark.ALL.length][0];
  private final List<IntConsumer> whenMarked = new ArrayList<>();
  private byte[] ram;

  /** Memory from physical address 0 on. */
  public PhysicalMemory(int frames) {
    this(0, frames);
  }

  /**
   * @param base the first physical address, a multiple of the frame size
   * @param frames how many frames there are, 1 to 524,287 (one array holds them)
   */
  public PhysicalMemory(long base, int frames) {
    if (frames < 1 || frames > Integer.MAX_VALUE >> FRAME_SHIFT) {
      throw new IllegalArgumentException("frames: " + frames);
    }
    this.base = base;
    this.frames = frames;
    marks = new byte[frames];
    ram = new byte[Math.min(FIRST_BYTES, frames * FRAME_SIZE)];
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  public long base() {
    return base;
  }

  public int frames() {
    return frames;
  }

  /** True when all of {@code size} bytes from {@code address} on are memory. */
  public boolean holds(long address, int size) {
    long offset = address - base;
    return offset >= 0 && offset <= ((long) frames << FRAME_SHIFT) - size;
  }

  /** Which frame, from 0 on, an address that is memory lies in. */
  public int frameIndex(long address) {
    return (int) (address - base >>> FRAME_SHIFT);
  }

  /** Loads 1, 2, 4 or 8 bytes of one frame, zero-extended. */
  public long load(long address, int size) {
    int at = (int) (address - base);
    if (at + size > ram.length) {
      return 0;
    }
    return switch (size) {
      case 1 -> ram[at] & 0xff;
      case 2 -> (short) SHORT.get(ram, at) & 0xffff;
      case 4 -> (int) INT.get(ram, at) & 0xffff_ffffL;
      default -> (long) LONG.get(ram, at);
    };
  }

  /** Stores the low 1, 2, 4 or 8 bytes of {@code value} in one frame. */
  public void store(long address, int size, long value) {
    int at = (int) (address - base);
    grow(at + size);
    switch (size) {
      case 1 -> ram[at] = (byte) value;
      case 2 -> SHORT.set(ram, at, (short) value);
      case 4 -> INT.set(ram, at, (int) value);
      default -> LONG.set(ram, at, value);
    }
    tellWatchers(address, size);
  }

  public void zeroFrame(long ppn) {
    long address = ppn << FRAME_SHIFT;
    int from = (int) (address - base);
    if (from < ram.length) {
      Arrays.fill(ram, from, from + FRAME_SIZE, (byte) 0);
      tellWatchers(address, FRAME_SIZE);
    }
  }

  public void copyFrame(long from, long to) {
    int source = (int) ((from << FRAME_SHIFT) - base);
    int target = (int) ((to << FRAME_SHIFT) - base);
    grow(Math.max(source, target) + FRAME_SIZE);
    System.arraycopy(ram, source, ram, target, FRAME_SIZE);
    tellWatchers(to << FRAME_SHIFT, FRAME_SIZE);
  }

  /** Copies bytes of the host into memory, within one frame. */
  public void put(long address, byte[] bytes, int offset, int length) {
    int at = (int) (address - base);
    grow(at + length);
    System.arraycopy(bytes, offset, ram, at, length);
    tellWatchers(address, length);
  }

  /** Copies memory to bytes of the host, within one frame. */
  public void get(long address, byte[] bytes, int offset, int length) {
    int at = (int) (address - base);
    grow(at + length);
    System.arraycopy(ram, at, bytes, offset, length);
  }

  private void grow(int bytes) {
    if (bytes > ram.length) {
      // Whole frames, so that a frame is there wholly or not at all.
      long wanted = Math.max(bytes + FRAME_SIZE - 1L & -FRAME_SIZE, ram.length * 2L);
      ram = Arrays.copyOf(ram, (int) Math.min(wanted, (long) frames << FRAME_SHIFT));
    }
  }

  // For the fast path.

  /**
   * The array behind memory, its first byte that of the base. Another one takes its place when
   * memory that was not touched before is stored to here.
   */
  public byte[] bytes() {
    return ram;
  }

  /** Makes the array behind memory hold this frame. */
  public void back(int frameIndex) {
    grow(frameIndex + 1 << FRAME_SHIFT);
  }

  // Watching.

  public void watch(Mark mark, StoreWatcher watcher) {
    StoreWatcher[] others = watchers[mark.ordinal()];
    StoreWatcher[] all = Arrays.copyOf(others, others.length + 1);
    all[others.length] = watcher;
    watchers[mark.ordinal()] = all;
  }

  /** What to do when a frame gets its first mark, by its index: it must not be stored to unseen. */
  public void whenMarked(IntConsumer action) {
    whenMarked.add(action);
  }

  public boolean isMarked(int frameIndex) {
    return marks[frameIndex] != 0;
  }

  public void mark(int frameIndex, Mark mark) {
    boolean isFirst = marks[frameIndex] == 0;
    marks[frameIndex] |= (byte) mark.bit();
    if (isFirst) {
      for (IntConsumer action : whenMarked) {
        action.accept(frameIndex);
      }
    }
  }

  public void unmark(int frameIndex, Mark mark) {
    marks[frameIndex] &= (byte) ~mark.bit();
  }

  private void tellWatchers(long address, int length) {
    int bits = marks[frameIndex(address)];
    if (bits == 0) {
      return;
    }
    for (Mark mark : Mark.ALL) {
      if ((bits & mark.bit()) != 0) {
        for (StoreWatcher watcher : watchers[mark.ordinal()]) {
          watcher.stored(address, length);
        }
      }
    }
  }
}
