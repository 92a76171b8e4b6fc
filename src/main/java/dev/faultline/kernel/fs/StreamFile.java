package dev.faultline.kernel.fs;

/** What has no name but can be reached through a descriptor: a pipe, the console. */
record StreamFile(ByteStream stream) implements Inode {
  @Override
  public Status status() {
    return stream.status();
  }
}
