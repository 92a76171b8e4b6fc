package dev.faultline.kernel.fs;

/** A file of {@code /dev}. */
record DeviceFile(long inode, Device device) implements Inode {
  private static final int ALL_MAY = 0666;

  @Override
  public Status status() {
    return new Status(Volume.DISK, inode, Status.CHARACTERS | ALL_MAY, 1, 0, device.number());
  }
}
