package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.Directory;

/** Where relative paths begin and what new files may not have ({@code struct fs_struct}). */
final class WorkingDirectory {
  private Directory directory;
  private int umask = 022;

  WorkingDirectory(Directory directory) {
    this.directory = directory;
  }

  Directory directory() {
    return directory;
  }

  void setDirectory(Directory newDirectory) {
    directory = newDirectory;
  }

  int umask() {
    return umask;
  }

  void setUmask(int bits) {
    umask = bits & 0777;
  }

  WorkingDirectory copy() {
    var copy = new WorkingDirectory(directory);
    copy.umask = umask;
    return copy;
  }
}
