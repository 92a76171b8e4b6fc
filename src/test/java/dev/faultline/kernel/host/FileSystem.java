package dev.faultline.kernel.host;

import dev.faultline.kernel.mm.Prefetch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the host keeps a program's files in. A laboratory follows ext4, where it matters; but which
 * pages of a file a disk's file system has in memory, and maps, depends on readahead, on large
 * folios and on write-back, so that this is compared on tmpfs.
 */
enum FileSystem {
  /** Best ext4. Which pages of files are mapped is left open. */
  ON_DISK(new Prefetch(32, 16)),

  /**
   * tmpfs: all of a page table is compared. What it does in a way of its own is passed over, see
   * {@link LabSide#isPeculiar}.
   */
  IN_MEMORY(new Prefetch(0, 16));

  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private final Prefetch prefetch;

  FileSystem(Prefetch prefetch) {
    this.prefetch = prefetch;
  }

  /** What a laboratory is set to, to be compared with it. */
  Prefetch prefetch() {
    return prefetch;
  }

  /** Whether it matters which pages of files are mapped. */
  boolean isExact() {
    return this == IN_MEMORY;
  }

  /** A new directory in it; those on the disk lie in {@code directory}. */
  Path newDirectory(Path directory) throws IOException {
    return Files.createTempDirectory(this == ON_DISK ? directory : SHARED_MEMORY, "faultline");
  }
}
