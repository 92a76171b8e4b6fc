package dev.faultline.kernel.ipc;

import dev.faultline.kernel.fs.Attributes.Owner;
import java.nio.ByteBuffer;

/** What an identifier stands for, with whose it is ({@code struct kern_ipc_perm}). */
public abstract class IpcObject {
  static final int PERMISSIONS = 0777;

  /** {@code struct ipc64_perm}. */
  static final int BYTES = 48;

  private final int id;
  private final Owner creator;
  private int key;
  private Owner owner;
  private int mode;

  IpcObject(int id, int key, int flags, Owner creator) {
    this.id = id;
    this.key = key;
    this.mode = flags & PERMISSIONS;
    this.creator = creator;
    this.owner = creator;
  }

  public int id() {
    return id;
  }

  public int key() {
    return key;
  }

  public int mode() {
    return mode;
  }

  public Owner owner() {
    return owner;
  }

  public Owner creator() {
    return creator;
  }

  /** {@code IPC_SET}. */
  void give(Owner newOwner, int permissions) {
    owner = newOwner;
    mode = mode & ~PERMISSIONS | permissions & PERMISSIONS;
  }

  /** Nobody finds it by its key any more; its mode says so. */
  void loseKey(int mark) {
    key = IpcObjects.PRIVATE;
    mode |= mark;
  }

  /** As {@code IPC_STAT} begins. */
  void putPermissions(ByteBuffer bytes) {
    bytes.putInt(0, key).putInt(4, owner.user()).putInt(8, owner.group());
    bytes.putInt(12, creator.user()).putInt(16, creator.group()).putInt(20, mode);
    bytes.putShort(24, (short) (id >>> IpcObjects.INDEX_BITS));
  }
}
