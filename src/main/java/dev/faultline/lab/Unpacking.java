package dev.faultline.lab;

import dev.faultline.kernel.fs.FileSystem;
import java.util.List;

/** Puts what an archive holds into the file system. */
final class Unpacking {
  /** What Debian's {@code base-files} links into {@code /usr}, without which no program starts. */
  private static final List<String> MERGED = List.of("bin", "lib", "sbin");

  /** As many names are followed for one archive, so that links to links come to an end. */
  private static final int MOST_WALKED = 20_000_000;

  private final FileSystem files;

  Unpacking(FileSystem files) {
    this.files = files;
  }

  /** How many entries were put. */
  int unpack(Archive archive) {
    if (archive.isDebianPackage()) {
      mergeUsr();
    }
    long most = files.walked() + MOST_WALKED;
    for (TarEntry entry : archive.entries()) {
      files.checkWalked(most, entry.path());
      switch (entry.kind()) {
        case FILE -> files.put(entry.path(), entry.mode(), entry.bytes());
        case DIRECTORY -> files.putDirectory(entry.path(), entry.mode());
        case SYMBOLIC_LINK -> files.putLink(entry.path(), entry.target());
        case HARD_LINK -> files.putHardLink(entry.path(), entry.target());
      }
    }
    return archive.entries().size();
  }

  private void mergeUsr() {
    for (String name : MERGED) {
      if (!files.exists("/" + name)) {
        files.putDirectory("/usr/" + name, 0755);
        files.putLink("/" + name, "usr/" + name);
      }
    }
  }
}
