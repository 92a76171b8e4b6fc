package dev.faultline.kernel.fs;

/** A device that is open. */
public final class OpenDevice extends ByteStream {
  private final DeviceFile file;
  private final RandomBytes random;

  OpenDevice(DeviceFile file, RandomBytes random, int flags) {
    super(flags);
    this.file = file;
    this.random = random;
  }

  @Override
  ByteStream reopen(int flags) {
    return new OpenDevice(file, random, flags);
  }

  public Device device() {
    return file.device();
  }

  @Override
  public byte[] read(int most) {
    return switch (device()) {
      case NULL -> new byte[0];
      case ZERO, FULL -> new byte[most];
      case RANDOM, URANDOM -> random.next(most);
      case TTY -> throw new IllegalStateException("there are no terminals");
    };
  }

  @Override
  public int write(byte[] bytes) {
    return bytes.length;
  }

  @Override
  public boolean canRead() {
    return true;
  }

  @Override
  public boolean canWrite() {
    return true;
  }

  @Override
  public Status status() {
    return file.status();
  }

  @Override
  public String path() {
    return "/dev/" + device().label();
  }
}
