package dev.faultline;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of Debian's riscv64 packages, as {@code scripts/bring-debian} brought them. */
public final class Debian {
  private static final Path ROOT = Path.of("target/debian/riscv64");

  private Debian() {}

  /** The path on this machine of a file in a package, such as {@code usr/bin/busybox}. */
  public static Path file(String packageName, String path) {
    var file = ROOT.resolve(path);
    if (Files.exists(file)) return file;
    throw Missing.thing(
        "no %s of Debian's riscv64 package %s; bring it with: scripts/bring-debian %s"
            .formatted(path, packageName, packageName),
        null);
  }
}
