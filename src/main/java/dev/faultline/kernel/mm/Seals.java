package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.abi.Seal;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * Seals of files in memory ({@code mm/memfd.c}): promises that cannot be taken back, so that who
 * gets such a file from somebody whom he does not trust can map it in peace.
 */
public final class Seals {
  private final FileMappings mappings;
  private final Refusal refusal;

  public Seals(FileMappings mappings, ChangeLog log) {
    this.mappings = mappings;
    this.refusal = new Refusal(log);
  }

  /** {@code F_ADD_SEALS}. */
  public void add(OpenFile open, int fd, int wanted) {
    RegularFile file = open.file();
    if (!open.isWritable()) {
      throw refusal.of(Errno.EPERM, StepKind.NOT_WRITABLE, fd);
    }
    if ((wanted & ~Seal.ALL) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, wanted);
    }
    checkSealable(file);
    if (Seal.SEAL.in(file.seals())) {
      throw refuse(file);
    }
    int seals = wanted;
    if (Seal.EXEC.in(wanted) && (file.mode() & 0111) != 0) {
      // What may be executed for ever must not change either.
      seals |= Seal.ALL & ~Seal.SEAL.bit();
    }
    if (Seal.WRITE.in(seals) && !Seal.WRITE.in(file.seals()) && isMappedWritable(file)) {
      throw refusal.of(Errno.EBUSY, StepKind.MAPPED_WRITABLE, file.path());
    }
    file.setSeals(file.seals() | seals);
  }

  /** {@code F_GET_SEALS}. */
  public int get(OpenFile open) {
    checkSealable(open.file());
    return open.file().seals();
  }

  private void checkSealable(RegularFile file) {
    if (file.isOnDisk()) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_SEALS, file.path());
    }
  }

  /** Whether somebody writes through a mapping or could once {@code mprotect} lets him. */
  private boolean isMappedWritable(RegularFile file) {
    return mappings.of(file).stream().anyMatch(vma -> vma.isShared() && vma.mayWrite());
  }

  /** Before a file gets another size. */
  public void checkResize(RegularFile file, long size) {
    Seal seal = size < file.size() ? Seal.SHRINK : Seal.GROW;
    if (size != file.size() && seal.in(file.seals())) {
      throw refuse(file);
    }
  }

  /** Before bytes of a file change. */
  public void checkWrite(RegularFile file) {
    if ((file.seals() & Seal.NO_WRITING) != 0) {
      throw refuse(file);
    }
  }

  /** Before a file may or may not be executed any more. */
  public void checkMode(RegularFile file, int mode) {
    if (Seal.EXEC.in(file.seals()) && ((file.mode() ^ mode) & 0111) != 0) {
      throw refuse(file);
    }
  }

  private LinuxError refuse(RegularFile file) {
    return refusal.of(Errno.EPERM, StepKind.SEALED, file.path(), names(file.seals()));
  }

  private static String names(int seals) {
    var names = new StringBuilder();
    for (Seal seal : Seal.values()) {
      if (seal.in(seals)) {
        names.append(names.isEmpty() ? "" : ", ").append(seal);
      }
    }
    return names.toString();
  }
}
