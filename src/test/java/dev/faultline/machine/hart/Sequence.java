package dev.faultline.machine.hart;

import dev.faultline.machine.isa.RandomInstructions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Some instructions, with the registers and the data that they begin with. */
record Sequence(byte[] bytes) {
  static final int REGISTERS = 8 * (32 + 32 + 1);
  static final int DATA = 2 * RandomInstructions.REACH;
  static final int CODE = 1024;

  static final long CODE_ADDRESS = 0x1000_0000;
  static final long END_ADDRESS = CODE_ADDRESS + 0x800;
  static final long DATA_ADDRESS = 0x1000_2000;
  static final long STATE_ADDRESS = 0x1000_3000;

  private static final int LONGEST = 90;

  private static final long[] INTEGERS = {
    0,
    1,
    -1,
    2,
    -2,
    7,
    63,
    64,
    Long.MIN_VALUE,
    Long.MAX_VALUE,
    Integer.MIN_VALUE,
    Integer.MAX_VALUE,
    0x8000_0000L,
    0xffff_ffffL,
    1L << 52,
    1L << 53,
    (1L << 53) + 1,
    0x7fff,
    0x8000,
    0x80,
    0xff,
    0x5555_5555_5555_5555L
  };
  private static final long[] DOUBLES = {
    0,
    Long.MIN_VALUE,
    0x3ff0_0000_0000_0000L,
    0xbff0_0000_0000_0000L,
    0x7ff0_0000_0000_0000L,
    0xfff0_0000_0000_0000L,
    0x7ff8_0000_0000_0000L,
    0x7ff0_0000_0000_0001L,
    0xfff8_1234_0000_0000L,
    1,
    0x000f_ffff_ffff_ffffL,
    0x0010_0000_0000_0000L,
    0x0010_0000_0000_0001L,
    0x7fef_ffff_ffff_ffffL,
    0x41df_ffff_ffc0_0000L,
    0x43e0_0000_0000_0000L,
    0xc3e0_0000_0000_0001L,
    0x3fe0_0000_0000_0000L,
    0x3fef_ffff_ffff_ffffL,
    0x4008_0000_0000_0000L
  };
  private static final int[] SINGLES = {
    0,
    0x8000_0000,
    0x3f80_0000,
    0xbf80_0000,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0x7f80_0001,
    0xffc0_1234,
    1,
    0x007f_ffff,
    0x0080_0000,
    0x0080_0001,
    0x7f7f_ffff,
    0x4f00_0000,
    0x5f00_0000,
    0xdf00_0001,
    0x3f00_0000,
    0x3f7f_ffff,
    0x4040_0000
  };

  /** The sequence of a seed. */
  static Sequence random(long seed) {
    var random = new Random(seed);
    ByteBuffer bytes = ByteBuffer.allocate(REGISTERS + DATA + CODE).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 32; i++) {
      bytes.putLong(integer(random));
    }
    bytes.putLong(8 * 2, DATA_ADDRESS + RandomInstructions.REACH);
    bytes.putLong(8 * 3, STATE_ADDRESS);
    bytes.putLong(8 * 8, DATA_ADDRESS + RandomInstructions.REACH);
    bytes.putLong(8 * 9, DATA_ADDRESS + RandomInstructions.REACH + 8 * random.nextInt(-60, 60));
    for (int i = 0; i < 32; i++) {
      bytes.putLong(floating(random));
    }
    bytes.putLong(random.nextInt(5) << 5 | (random.nextBoolean() ? 0 : random.nextInt(32)));
    for (int i = 0; i < DATA; i += 8) {
      bytes.putLong(random.nextBoolean() ? integer(random) : floating(random));
    }
    putCode(bytes, random);
    return new Sequence(bytes.array());
  }

  private static long integer(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt();
      case 2 -> random.nextLong() >> random.nextInt(64);
      default -> INTEGERS[random.nextInt(INTEGERS.length)];
    };
  }

  private static long floating(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextLong();
      case 1 -> DOUBLES[random.nextInt(DOUBLES.length)];
      // Near each other, so that sums cancel and products are neither huge nor tiny.
      case 2, 3 -> random.nextLong() & ~(0x7fL << 56) | (0x3f0L + random.nextInt(32)) << 52;
      case 4 -> box(SINGLES[random.nextInt(SINGLES.length)]);
      case 5 -> box(random.nextInt());
      case 6 -> box(random.nextInt() & 0x807f_ffff | 120 + random.nextInt(16) << 23);
      default -> Double.doubleToRawLongBits(random.nextInt(-1000, 1000));
    };
  }

  private static long box(int single) {
    return 0xffff_ffff_0000_0000L | single;
  }

  private static void putCode(ByteBuffer bytes, Random random) {
    var instructions = new RandomInstructions(random);
    int begin = bytes.position();
    int count = 1 + random.nextInt(LONGEST);
    int skipped = 0;
    for (int i = 0; i < count; i++) {
      boolean isSkipping = skipped > 0;
      skipped--;
      int kind = random.nextInt(20);
      if (kind < 2 && !isSkipping && i + 2 < count) {
        // Over the next instruction, which is made four bytes long.
        bytes.putInt(kind == 0 ? instructions.jump(8) : instructions.branch(8));
        skipped = 1;
      } else if (kind == 2 && !isSkipping) {
        for (int instruction : instructions.reservation()) {
          bytes.putInt(instruction);
        }
      } else if (kind < 8 && !isSkipping) {
        bytes.putShort((short) instructions.nextCompressed());
      } else {
        bytes.putInt(instructions.next());
      }
    }
    int ends = bytes.position() - begin;
    bytes.putInt(RandomInstructions.jal(0, (int) (END_ADDRESS - CODE_ADDRESS) - ends));
  }

  long word(int offset) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
  }

  byte[] data() {
    return part(REGISTERS, DATA);
  }

  byte[] code() {
    return part(REGISTERS + DATA, CODE);
  }

  private byte[] part(int offset, int length) {
    byte[] part = new byte[length];
    System.arraycopy(bytes, offset, part, 0, length);
    return part;
  }
}
