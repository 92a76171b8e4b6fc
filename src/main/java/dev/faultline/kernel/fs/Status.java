package dev.faultline.kernel.fs;

/**
 * What {@code stat(2)} tells of a file.
 *
 * @param volume where it lies
 * @param mode type and permission bits
 * @param device the device that a device file stands for, {@code major << 8 | minor}
 * @param times zero where nobody keeps any
 */
public record Status(
    Volume volume,
    long inode,
    int mode,
    int links,
    long size,
    int device,
    Attributes.Owner owner,
    Attributes.Moments times) {
  public static final int TYPE = 0170000;
  public static final int SOCKET = 0140000;
  public static final int LINK = 0120000;
  public static final int REGULAR = 0100000;
  public static final int DIRECTORY = 0040000;
  public static final int CHARACTERS = 0020000;
  public static final int PIPE = 0010000;
  static final int SETUID = 04000;
  static final int SETGID = 02000;
  static final int GROUP_EXECUTES = 010;

  /** Of a file of the kernel's own: root's, without times. */
  Status(Volume volume, long inode, int mode, int links, long size, int device) {
    this(volume, inode, mode, links, size, device, Attributes.Owner.ROOT, Attributes.Moments.NONE);
  }

  /** Of a file that keeps attributes. */
  Status(Volume volume, long inode, int mode, int links, long size, Attributes attributes) {
    this(volume, inode, mode, links, size, 0, attributes.owner(), attributes.moments());
  }

  /** Of what has neither name nor type. */
  public static Status anonymous(long inode) {
    return new Status(Volume.NAMELESS, inode, 0600, 1, 0, 0);
  }

  public int type() {
    return mode & TYPE;
  }

  /** Whether a program in it acts as its owner. */
  public boolean setsUser() {
    return (mode & SETUID) != 0;
  }

  /**
   * Whether a program in it acts as its group; without leave to execute the bit means another
   * thing.
   */
  public boolean setsGroup() {
    return (mode & SETGID) != 0 && (mode & GROUP_EXECUTES) != 0;
  }

  public boolean isDirectory() {
    return type() == DIRECTORY;
  }
}
