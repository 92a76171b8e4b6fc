package dev.faultline.kernel.procfs;

import dev.faultline.kernel.ipc.SharedMemory;
import dev.faultline.kernel.ipc.SharedSegment;
import java.util.Locale;

/** What {@code /proc} tells of System V IPC. */
public final class IpcTexts {
  private static final String SEGMENTS =
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
          + "      atime      dtime      ctime                   rss                  swap\n";

  private final SharedMemory memory;

  public IpcTexts(SharedMemory memory) {
    this.memory = memory;
  }

  String mostShared() {
    return Long.toUnsignedString(SharedMemory.LARGEST);
  }

  String mostSegments() {
    return Integer.toString(SharedMemory.MOST);
  }

  /** {@code sysvipc_shm_proc_show}. */
  String segments() {
    var text = new StringBuilder(SEGMENTS);
    for (SharedSegment each : memory.all()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%10d %10d  %4o %21d %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n",
              each.key(),
              each.id(),
              each.mode(),
              each.file().size(),
              each.creatorPid(),
              each.lastPid(),
              memory.attachments(each),
              each.owner().user(),
              each.owner().group(),
              each.creator().user(),
              each.creator().group(),
              each.attached(),
              each.detached(),
              each.changed(),
              memory.resident(each) << 12,
              0));
    }
    return text.toString();
  }
}
