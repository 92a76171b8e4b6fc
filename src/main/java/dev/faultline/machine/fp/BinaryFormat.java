package dev.faultline.machine.fp;

/**
 * One binary format: what its numbers are, and how one is made by rounding.
 *
 * <p>A finite number other than zero is worked on as {@code significand * 2^(exponent - 62)}, the
 * significand's leading one in bit 62: for the larger format that leaves ten bits below its 53.
 * Bits that a shift pushes out are kept as one <em>sticky</em> bit at the bottom, which is all that
 * rounding needs to know of them.
 *
 * <p>NaNs do not carry payloads: a NaN result is the canonical one. Underflow is detected after
 * rounding, as RISC-V requires.
 */
abstract class BinaryFormat {
  static final int LEADING = 62;

  final int fractionBits;
  final int exponentBits;
  final int bias;
  final int specialExponent;
  final long fractionMask;
  final long signBit;
  final long infinity;
  final long canonicalNan;

  int flags;

  BinaryFormat(int exponentBits, int fractionBits) {
    this.fractionBits = fractionBits;
    this.exponentBits = exponentBits;
    bias = (1 << exponentBits - 1) - 1;
    specialExponent = (1 << exponentBits) - 1;
    fractionMask = (1L << fractionBits) - 1;
    signBit = 1L << exponentBits + fractionBits;
    infinity = (long) specialExponent << fractionBits;
    canonicalNan = infinity | 1L << fractionBits - 1;
  }

  /** The {@link Flags} raised since the last time this was asked. */
  public int takeFlags() {
    int taken = flags;
    flags = 0;
    return taken;
  }

  public long canonicalNan() {
    return canonicalNan;
  }

  // What a number is.

  boolean isNegative(long a) {
    return (a & signBit) != 0;
  }

  public boolean isNan(long a) {
    return (a & ~signBit) > infinity;
  }

  public boolean isSignalingNan(long a) {
    return isNan(a) && (a & 1L << fractionBits - 1) == 0;
  }

  boolean isInfinite(long a) {
    return (a & ~signBit) == infinity;
  }

  boolean isZero(long a) {
    return (a & ~signBit) == 0;
  }

  long signed(boolean negative, long magnitude) {
    return negative ? magnitude | signBit : magnitude;
  }

  /** The exponent of the leading one of a finite number that is not zero. */
  int exponent(long a) {
    int biased = (int) (a >>> fractionBits) & specialExponent;
    if (biased != 0) {
      return biased - bias;
    }
    int leading = 63 - Long.numberOfLeadingZeros(a & fractionMask);
    return 1 - bias - (fractionBits - leading);
  }

  /** The significand of a finite number that is not zero, its leading one in bit 62. */
  long significand(long a) {
    long fraction = a & fractionMask;
    if ((a & infinity) != 0) {
      return (fraction | fractionMask + 1) << LEADING - fractionBits;
    }
    return fraction << Long.numberOfLeadingZeros(fraction) - 1;
  }

  /** The class of a number as FCLASS gives it: one of ten bits. */
  public long classify(long a) {
    boolean negative = isNegative(a);
    int index;
    if (isNan(a)) {
      index = isSignalingNan(a) ? 8 : 9;
    } else if (isInfinite(a)) {
      index = negative ? 0 : 7;
    } else if (isZero(a)) {
      index = negative ? 3 : 4;
    } else if ((a & infinity) == 0) {
      index = negative ? 2 : 5;
    } else {
      index = negative ? 1 : 6;
    }
    return 1L << index;
  }

  // Rounding.

  long invalid() {
    flags |= Flags.NV;
    return canonicalNan;
  }

  long nanOf(long a, long b) {
    return isSignalingNan(a) || isSignalingNan(b) ? invalid() : canonicalNan;
  }

  static long shiftRight(long significand, int places) {
    if (places > LEADING) {
      return significand != 0 ? 1 : 0;
    }
    long lost = significand & (1L << places) - 1;
    return significand >>> places | (lost != 0 ? 1 : 0);
  }

  /** Rounds a number whose leading one is in bit 62 or below. */
  long normalize(boolean negative, int exponent, long significand, int rm) {
    int up = Long.numberOfLeadingZeros(significand) - 1;
    return round(negative, exponent - up, significand << up, rm);
  }

  long round(boolean negative, int exponent, long significand, int rm) {
    int cut = LEADING - fractionBits;
    int least = 1 - bias;
    long kept = significand;
    boolean tiny = false;
    if (exponent < least) {
      // Tiny, unless rounding with an unbounded exponent reaches the least normal number.
      tiny = exponent < least - 1 || !carries(negative, significand, cut, rm);
      kept = shiftRight(significand, least - exponent);
    }
    long rest = kept & (1L << cut) - 1;
    long magnitude = kept >>> cut;
    if (Rounding.increments(rm, negative, (magnitude & 1) != 0, rest, cut)) {
      magnitude++;
    }
    if (rest != 0) {
      flags |= tiny ? Flags.NX | Flags.UF : Flags.NX;
    }
    // The leading one, if there is one, adds itself to the biased exponent; so does a carry.
    long biased = Math.max(exponent, least) + bias - 1;
    long packed = (biased << fractionBits) + magnitude;
    if (biased >= specialExponent || packed >= infinity) {
      flags |= Flags.OF | Flags.NX;
      boolean toInfinity =
          switch (rm) {
            case Rounding.RTZ -> false;
            case Rounding.RDN -> negative;
            case Rounding.RUP -> !negative;
            default -> true;
          };
      packed = toInfinity ? infinity : infinity - 1;
    }
    return signed(negative, packed);
  }

  private static boolean carries(boolean negative, long significand, int cut, int rm) {
    long rest = significand & (1L << cut) - 1;
    long magnitude = significand >>> cut;
    return Rounding.increments(rm, negative, (magnitude & 1) != 0, rest, cut)
        && (magnitude + 1 & magnitude) == 0;
  }
}
