package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.UserMemory;
import dev.faultline.log.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads and writes what a program's registers only point to; EFAULT where it cannot be reached. */
final class UserArguments {
  /** {@code UIO_MAXIOV}. */
  private static final int MOST_VECTORS = 1024;

  private static final int VECTOR_BYTES = 16;

  private final UserMemory memory;

  UserArguments(UserMemory memory) {
    this.memory = memory;
  }

  /** Bytes from an address on, all of them. */
  ByteBuffer read(AddressSpace space, long address, int length) {
    byte[] bytes = new byte[length];
    if (memory.read(space, address, bytes, 0, length) < length) {
      throw new LinuxError(Errno.EFAULT);
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes to an address, all of them. */
  void write(AddressSpace space, long address, byte[] bytes) {
    if (memory.write(space, address, bytes, 0, bytes.length) < bytes.length) {
      throw new LinuxError(Errno.EFAULT);
    }
  }

  /** A string, without the zero that ends it, of at most so many bytes and one more. */
  byte[] string(AddressSpace space, long address, int most) {
    byte[] bytes = new byte[most + 1];
    for (int i = 0; i <= most; i++) {
      if (memory.read(space, address + i, bytes, i, 1) < 1) {
        throw new LinuxError(Errno.EFAULT);
      }
      if (bytes[i] == 0) {
        return Arrays.copyOf(bytes, i);
      }
    }
    return bytes;
  }

  /** An array of {@code struct iovec}. */
  List<IoVector> vectors(AddressSpace space, long address, long count) {
    if (Long.compareUnsigned(count, MOST_VECTORS) > 0) {
      throw new LinuxError(Errno.EINVAL);
    }
    ByteBuffer bytes = read(space, address, (int) count * VECTOR_BYTES);
    List<IoVector> vectors = new ArrayList<>();
    while (bytes.hasRemaining()) {
      vectors.add(new IoVector(bytes.getLong(), bytes.getLong()));
    }
    return vectors;
  }
}
