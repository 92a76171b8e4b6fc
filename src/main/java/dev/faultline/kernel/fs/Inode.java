package dev.faultline.kernel.fs;

/** What a name in a directory stands for. */
public sealed interface Inode
    permits Directory,
        RegularFile,
        SymbolicLink,
        DeviceFile,
        SpecialFile,
        GeneratedFile,
        MagicLink,
        StreamFile {
  default long number() {
    return status().inode();
  }

  Status status();

  /** Gives it other times, if it keeps any; {@link Attributes#UNCHANGED} leaves one. */
  default void setTimes(long accessed, long modified) {}

  /** Gives it to somebody else, if it can be given away. */
  default void setOwner(Attributes.Owner owner) {}
}
