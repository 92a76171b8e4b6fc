package dev.faultline.machine.fp;

/**
 * One binary format's arithmetic, done with integers. Every operation ends in {@link #round}, which
 * rounds once, tells exceptions and packs. Since cancellation of more than one bit only happens
 * when the operands were shifted by at most one place, the sticky bit never moves up to where it
 * would count.
 */
public final class SoftFloat extends BinaryFormat {
  private SoftFloat(int exponentBits, int fractionBits) {
    super(exponentBits, fractionBits);
  }

  /** binary32. */
  public static SoftFloat single() {
    return new SoftFloat(8, 23);
  }

  /** binary64. */
  public static SoftFloat binary64() {
    return new SoftFloat(11, 52);
  }

  // Arithmetic.

  public long add(long a, long b, int rm) {
    if (isNan(a) || isNan(b)) {
      return nanOf(a, b);
    }
    if (isInfinite(a)) {
      return isInfinite(b) && a != b ? invalid() : a;
    }
    if (isInfinite(b)) {
      return b;
    }
    if (isZero(a) && isZero(b)) {
      return a == b ? a : signed(rm == Rounding.RDN, 0);
    }
    if (isZero(a)) {
      return b;
    }
    if (isZero(b)) {
      return a;
    }
    boolean aIsLarger = (a & ~signBit) >= (b & ~signBit);
    long large = aIsLarger ? a : b;
    long small = aIsLarger ? b : a;
    int exponent = exponent(large);
    // One bit lower, to leave room for the carry.
    long sum = significand(large) >>> 1;
    long other = shiftRight(significand(small) >>> 1, exponent - exponent(small));
    sum = isNegative(a) == isNegative(b) ? sum + other : sum - other;
    if (sum == 0) {
      return signed(rm == Rounding.RDN, 0);
    }
    return normalize(isNegative(large), exponent + 1, sum, rm);
  }

  public long subtract(long a, long b, int rm) {
    return isNan(b) ? add(a, b, rm) : add(a, b ^ signBit, rm);
  }

  public long multiply(long a, long b, int rm) {
    if (isNan(a) || isNan(b)) {
      return nanOf(a, b);
    }
    boolean negative = isNegative(a) != isNegative(b);
    if (isInfinite(a) || isInfinite(b)) {
      return isZero(a) || isZero(b) ? invalid() : signed(negative, infinity);
    }
    if (isZero(a) || isZero(b)) {
      return signed(negative, 0);
    }
    long x = significand(a);
    long y = significand(b);
    long high = Math.multiplyHigh(x, y);
    long low = x * y;
    // The product's leading one is in bit 124 or 125: shifted by 63, in bit 61 or 62.
    long product = high << 1 | low >>> 63 | (low << 1 != 0 ? 1 : 0);
    return normalize(negative, exponent(a) + exponent(b) + 1, product, rm);
  }

  public long divide(long a, long b, int rm) {
    if (isNan(a) || isNan(b)) {
      return nanOf(a, b);
    }
    boolean negative = isNegative(a) != isNegative(b);
    if (isInfinite(a)) {
      return isInfinite(b) ? invalid() : signed(negative, infinity);
    }
    if (isInfinite(b)) {
      return signed(negative, 0);
    }
    if (isZero(b)) {
      if (isZero(a)) {
        return invalid();
      }
      flags |= Flags.DZ;
      return signed(negative, infinity);
    }
    if (isZero(a)) {
      return signed(negative, 0);
    }
    long rest = significand(a);
    long divisor = significand(b);
    int exponent = exponent(a) - exponent(b);
    if (rest < divisor) {
      rest <<= 1;
      exponent--;
    }
    long quotient = 0;
    for (int bit = LEADING; bit >= 0; bit--) {
      if (Long.compareUnsigned(rest, divisor) >= 0) {
        rest -= divisor;
        quotient |= 1L << bit;
      }
      rest <<= 1;
    }
    return round(negative, exponent, quotient | (rest != 0 ? 1 : 0), rm);
  }

  public long squareRoot(long a, int rm) {
    if (isNan(a)) {
      return nanOf(a, a);
    }
    if (isZero(a)) {
      return a;
    }
    if (isNegative(a)) {
      return invalid();
    }
    if (isInfinite(a)) {
      return a;
    }
    int exponent = exponent(a);
    long radicand = significand(a) << (exponent & 1);
    long root = 0;
    long rest = 0;
    // Two bits of the radicand give one of the root, as on paper.
    int bits = fractionBits + 3;
    for (int i = 0; i < bits; i++) {
      rest = rest << 2 | radicand >>> 62;
      radicand <<= 2;
      long trial = root << 2 | 1;
      root <<= 1;
      if (rest >= trial) {
        rest -= trial;
        root |= 1;
      }
    }
    long sticky = (rest | radicand) != 0 ? 1 : 0;
    return round(false, exponent >> 1, root << LEADING + 1 - bits | sticky, rm);
  }

  /** {@code a * b + c}, rounded once. */
  public long fusedMultiplyAdd(long a, long b, long c, int rm) {
    boolean invalidProduct = isInfinite(a) && isZero(b) || isZero(a) && isInfinite(b);
    if (isNan(a) || isNan(b) || isNan(c)) {
      if (invalidProduct) {
        // Infinity times zero is invalid even when a quiet NaN is added.
        flags |= Flags.NV;
      }
      return isSignalingNan(c) ? invalid() : nanOf(a, b);
    }
    if (invalidProduct) {
      return invalid();
    }
    boolean negative = isNegative(a) != isNegative(b);
    if (isInfinite(a) || isInfinite(b)) {
      long product = signed(negative, infinity);
      return isInfinite(c) && c != product ? invalid() : product;
    }
    if (isInfinite(c)) {
      return c;
    }
    if (isZero(a) || isZero(b)) {
      return add(signed(negative, 0), c, rm);
    }
    if (isZero(c)) {
      return multiply(a, b, rm);
    }
    return addToProduct(a, b, c, negative, rm);
  }

  /**
   * Adds in 128 bits: the product's leading one and the summand's are brought to bit 124. The
   * significands end in zeros (ten or more each), so that neither loses a bit by that.
   */
  private long addToProduct(long a, long b, long c, boolean negative, int rm) {
    long x = significand(a);
    long y = significand(b);
    long high = Math.multiplyHigh(x, y);
    long low = x * y;
    int exponent = exponent(a) + exponent(b);
    if (high >>> 61 != 0) {
      low = low >>> 1 | high << 63;
      high >>>= 1;
      exponent++;
    }
    long otherHigh = significand(c) >>> 2;
    long otherLow = significand(c) << 62;
    int distance = exponent - exponent(c);
    boolean productIsLarger = distance > 0;
    if (distance == 0) {
      productIsLarger =
          high > otherHigh || high == otherHigh && Long.compareUnsigned(low, otherLow) >= 0;
    }
    if (!productIsLarger) {
      long swap = high;
      high = otherHigh;
      otherHigh = swap;
      swap = low;
      low = otherLow;
      otherLow = swap;
      exponent = exponent(c);
      distance = -distance;
    }
    if (distance >= 128) {
      otherLow = 1;
      otherHigh = 0;
    } else if (distance >= 64) {
      long lost = otherLow | (distance > 64 ? otherHigh << 128 - distance : 0);
      otherLow = (distance > 64 ? otherHigh >>> distance - 64 : otherHigh) | (lost != 0 ? 1 : 0);
      otherHigh = 0;
    } else if (distance > 0) {
      long lost = otherLow << 64 - distance;
      otherLow = otherLow >>> distance | otherHigh << 64 - distance | (lost != 0 ? 1 : 0);
      otherHigh >>>= distance;
    }
    boolean resultNegative = productIsLarger ? negative : isNegative(c);
    if (negative == isNegative(c)) {
      long sum = low + otherLow;
      high += otherHigh + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
      low = sum;
    } else {
      high -= otherHigh + (Long.compareUnsigned(low, otherLow) < 0 ? 1 : 0);
      low -= otherLow;
    }
    if ((high | low) == 0) {
      return signed(rm == Rounding.RDN, 0);
    }
    // Bring the leading one to bit 126, that is bit 62 of the upper half.
    int up = high != 0 ? Long.numberOfLeadingZeros(high) - 1 : Long.numberOfLeadingZeros(low) + 63;
    long significand;
    if (up >= 64) {
      significand = low << up - 64;
      low = 0;
    } else if (up > 0) {
      significand = high << up | low >>> 64 - up;
      low <<= up;
    } else {
      significand = high;
    }
    return round(resultNegative, exponent + 2 - up, significand | (low != 0 ? 1 : 0), rm);
  }

  // Comparison.

  /** Quiet: only a signaling NaN is invalid. */
  public boolean isEqual(long a, long b) {
    if (isNan(a) || isNan(b)) {
      nanOf(a, b);
      return false;
    }
    return a == b || isZero(a) && isZero(b);
  }

  /** Signaling: any NaN is invalid. */
  public boolean isLess(long a, long b) {
    if (isNan(a) || isNan(b)) {
      flags |= Flags.NV;
      return false;
    }
    return !(isZero(a) && isZero(b)) && order(a) < order(b);
  }

  /** Signaling: any NaN is invalid. */
  public boolean isLessOrEqual(long a, long b) {
    if (isNan(a) || isNan(b)) {
      flags |= Flags.NV;
      return false;
    }
    return isZero(a) && isZero(b) || order(a) <= order(b);
  }

  /** A number that orders all that are not NaN, -0 just below +0. */
  private long order(long a) {
    return isNegative(a) ? -(a & ~signBit) - 1 : a;
  }

  /** minimumNumber of IEEE 754-2019: a NaN loses against a number. */
  public long minimum(long a, long b) {
    return chosen(a, b, true);
  }

  /** maximumNumber of IEEE 754-2019. */
  public long maximum(long a, long b) {
    return chosen(a, b, false);
  }

  private long chosen(long a, long b, boolean smaller) {
    if (isSignalingNan(a) || isSignalingNan(b)) {
      flags |= Flags.NV;
    }
    if (isNan(a)) {
      return isNan(b) ? canonicalNan : b;
    }
    if (isNan(b)) {
      return a;
    }
    return order(a) < order(b) == smaller ? a : b;
  }

  // Conversion.

  /** To an integer of 32 or 64 bits, saturating. One of 32 bits is sign-extended, signed or not. */
  public long toInteger(long a, int rm, int bits, boolean isSigned) {
    long most = isSigned ? -1L >>> 65 - bits : -1L >>> 64 - bits;
    long least = isSigned ? -1L << bits - 1 : 0;
    if (isNan(a)) {
      flags |= Flags.NV;
      return extended(most, bits);
    }
    if (isZero(a)) {
      return 0;
    }
    boolean negative = isNegative(a);
    int exponent = isInfinite(a) ? 64 : exponent(a);
    if (exponent >= 64) {
      flags |= Flags.NV;
      return extended(negative ? least : most, bits);
    }
    long significand = significand(a);
    long magnitude;
    boolean inexact = false;
    if (exponent >= LEADING) {
      magnitude = significand << exponent - LEADING;
    } else {
      int cut = Math.min(LEADING - exponent, 63);
      long kept = shiftRight(significand, LEADING - exponent - cut);
      long rest = kept & (1L << cut) - 1;
      magnitude = kept >>> cut;
      inexact = rest != 0;
      if (Rounding.increments(rm, negative, (magnitude & 1) != 0, rest, cut)) {
        magnitude++;
      }
    }
    // A magnitude with bit 63 set is too large for any signed result but -2^63.
    boolean tooLarge =
        negative
            ? Long.compareUnsigned(magnitude, -least) > 0
            : Long.compareUnsigned(magnitude, most) > 0;
    if (tooLarge) {
      flags |= Flags.NV;
      return extended(negative ? least : most, bits);
    }
    if (inexact) {
      flags |= Flags.NX;
    }
    return extended(negative ? -magnitude : magnitude, bits);
  }

  private static long extended(long value, int bits) {
    return bits == 32 ? (int) value : value;
  }

  public long fromInteger(long value, boolean isSigned, int rm) {
    if (value == 0) {
      return 0;
    }
    boolean negative = isSigned && value < 0;
    long magnitude = negative ? -value : value;
    if (magnitude < 0) {
      // 64 bits: one more than a significand has.
      return round(negative, 63, magnitude >>> 1 | magnitude & 1, rm);
    }
    return normalize(negative, LEADING, magnitude, rm);
  }

  /** A number of another format in this one. */
  public long from(SoftFloat other, long a, int rm) {
    boolean negative = other.isNegative(a);
    if (other.isNan(a)) {
      if (other.isSignalingNan(a)) {
        flags |= Flags.NV;
      }
      return canonicalNan;
    }
    if (other.isInfinite(a)) {
      return signed(negative, infinity);
    }
    if (other.isZero(a)) {
      return signed(negative, 0);
    }
    return round(negative, other.exponent(a), other.significand(a), rm);
  }
}
