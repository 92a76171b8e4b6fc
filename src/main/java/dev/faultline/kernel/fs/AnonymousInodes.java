package dev.faultline.kernel.fs;

/** Files that are reached through descriptors alone ({@code fs/anon_inodes.c}). */
public final class AnonymousInodes {
  private final FileSystem files;

  public AnonymousInodes(FileSystem files) {
    this.files = files;
  }

  public Eventfd eventfd(long count, boolean isSemaphore, int flags) {
    return new Eventfd(files.inodes().anonymousNumber(), count, isSemaphore, flags);
  }

  public Eventpoll eventpoll(int flags) {
    return new Eventpoll(files.inodes().anonymousNumber(), flags);
  }

  public Inotify inotify(int flags) {
    return new Inotify(files.inodes().anonymousNumber(), files.watches(), flags);
  }
}
