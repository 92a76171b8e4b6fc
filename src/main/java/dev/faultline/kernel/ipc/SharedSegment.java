package dev.faultline.kernel.ipc;

import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.fs.RegularFile;

/** A segment of shared memory ({@code struct shmid_kernel}): a file in memory. */
public final class SharedSegment extends IpcObject {
  /** {@code SHM_DEST}: it goes with the last that has it attached. */
  static final int GOING = 01000;

  private final RegularFile file;
  private final int creatorPid;
  private int lastPid;
  private long attached;
  private long detached;
  private long changed;

  /**
   * @param made the second in which it is made
   */
  SharedSegment(
      int id, int key, int flags, Owner creator, RegularFile file, int creatorPid, long made) {
    super(id, key, flags, creator);
    this.file = file;
    this.creatorPid = creatorPid;
    this.changed = made;
  }

  public RegularFile file() {
    return file;
  }

  public int creatorPid() {
    return creatorPid;
  }

  public int lastPid() {
    return lastPid;
  }

  public long attached() {
    return attached;
  }

  public long detached() {
    return detached;
  }

  public long changed() {
    return changed;
  }

  void wasAttached(int pid, long second) {
    lastPid = pid;
    attached = second;
  }

  void wasDetached(int pid, long second) {
    lastPid = pid;
    detached = second;
  }

  void wasChanged(long second) {
    changed = second;
  }

  boolean isGoing() {
    return (mode() & GOING) != 0;
  }
}
