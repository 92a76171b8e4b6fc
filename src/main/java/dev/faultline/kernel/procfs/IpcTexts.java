package dev.faultline.kernel.procfs;

import dev.faultline.kernel.ipc.SemaphoreSet;
import dev.faultline.kernel.ipc.Semaphores;
import dev.faultline.kernel.ipc.SharedMemory;
import dev.faultline.kernel.ipc.SharedSegment;
import java.util.Locale;

/** What {@code /proc} tells of System V IPC. */
public final class IpcTexts {
  private static final String SEGMENTS =
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
          + "      atime      dtime      ctime                   rss                  swap\n";

  private final SharedMemory memory;
  private final Semaphores semaphores;

  public IpcTexts(SharedMemory memory, Semaphores semaphores) {
    this.memory = memory;
    this.semaphores = semaphores;
  }

  String mostShared() {
    return Long.toUnsignedString(SharedMemory.LARGEST);
  }

  String mostSegments() {
    return Integer.toString(SharedMemory.MOST);
  }

  /** {@code sysvipc_sem_proc_show}. */
  String sets() {
    var text =
        new StringBuilder(
            "       key      semid perms      nsems   uid   gid  cuid  cgid      otime     "
                + " ctime\n");
    for (SemaphoreSet each : semaphores.all()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%10d %10d  %4o %10d %5d %5d %5d %5d %10d %10d\n",
              each.key(),
              each.id(),
              each.mode(),
              each.count(),
              each.owner().user(),
              each.owner().group(),
              each.creator().user(),
              each.creator().group(),
              each.used(),
              each.changed()));
    }
    return text.toString();
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
