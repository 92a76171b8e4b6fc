package dev.faultline.lab;

/**
 * Something that an archive holds.
 *
 * @param path absolute, without {@code .} and {@code ..}
 * @param bytes of a file
 * @param target where a link leads
 */
record TarEntry(Kind kind, String path, int mode, byte[] bytes, String target) {
  /** What can be put into a laboratory. */
  enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    HARD_LINK
  }
}
