package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.ProgramStart.Range;
import dev.faultline.kernel.mm.UserAccess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What a new program finds on its stack ({@code copy_strings}, {@code create_elf_tables}): at the
 * very top its file's name, below that the environment's strings, the arguments' strings, sixteen
 * random bytes, then from the stack pointer upwards {@code argc}, {@code argv}, {@code envp} and
 * {@code auxv}.
 */
final class UserStack {
  private static final int WORD = 8;
  private static final int RANDOM_BYTES = 16;

  private final AddressSpace space;
  private final UserAccess user;
  private final List<Long> auxiliary = new ArrayList<>();
  private long at;
  private Range strings = new Range(0, 0);
  private Range variables = strings;

  UserStack(AddressSpace space, UserAccess user) {
    this.space = space;
    this.user = user;
    at = space.end() - WORD;
  }

  /** How much all of it takes at the top of the stack, at most. */
  static long size(byte[] name, List<byte[]> arguments, List<byte[]> environment) {
    long bytes = name.length + 1L + WORD;
    for (byte[] string : arguments) {
      bytes += string.length + 1L;
    }
    for (byte[] string : environment) {
      bytes += string.length + 1L;
    }
    return bytes;
  }

  private long push(byte[] bytes) {
    at -= bytes.length;
    user.write(space, at, bytes);
    return at;
  }

  private long pushString(byte[] string) {
    byte[] terminated = new byte[string.length + 1];
    System.arraycopy(string, 0, terminated, 0, string.length);
    return push(terminated);
  }

  private List<Long> pushStrings(List<byte[]> strings) {
    List<Long> addresses = new ArrayList<>();
    for (byte[] string : strings.reversed()) {
      addresses.addFirst(pushString(string));
    }
    return addresses;
  }

  void auxiliary(int type, long value) {
    auxiliary.add((long) type);
    auxiliary.add(value);
  }

  /** Where the arguments' strings are, once all is there. */
  Range arguments() {
    return strings;
  }

  /** Where the environment's strings are. */
  Range environment() {
    return variables;
  }

  /** The words of {@code auxv}. */
  byte[] auxiliaryVector() {
    ByteBuffer bytes = ByteBuffer.allocate(auxiliary.size() * WORD).order(ByteOrder.LITTLE_ENDIAN);
    auxiliary.forEach(bytes::putLong);
    return bytes.array();
  }

  /** Puts everything there; gives the stack pointer. */
  long fill(
      byte[] name,
      List<byte[]> arguments,
      List<byte[]> environment,
      byte[] random,
      AuxiliaryVector vector) {
    long nameAddress = pushString(name);
    List<Long> envp = pushStrings(environment);
    variables = new Range(at, nameAddress);
    List<Long> argv = pushStrings(arguments);
    strings = new Range(at, variables.start());
    at &= -RANDOM_BYTES;
    long randomAddress = push(random);
    vector.write(this, randomAddress, nameAddress);
    List<Long> words = new ArrayList<>();
    words.add((long) argv.size());
    words.addAll(argv);
    words.add(0L);
    words.addAll(envp);
    words.add(0L);
    words.addAll(auxiliary);
    ByteBuffer bytes = ByteBuffer.allocate(words.size() * WORD).order(ByteOrder.LITTLE_ENDIAN);
    words.forEach(bytes::putLong);
    at = at - bytes.capacity() & -16L;
    user.write(space, at, bytes.array());
    return at;
  }
}
