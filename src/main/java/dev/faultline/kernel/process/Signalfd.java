package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.fs.AnonymousFile;
import dev.faultline.log.Signal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Signals of the process that made it, and of its threads, which are read instead of being
 * delivered ({@code signalfd(2)}).
 */
public final class Signalfd extends AnonymousFile {
  /** {@code struct signalfd_siginfo}. */
  private static final int SIZE = 128;

  private final Process process;
  private long wanted;

  /**
   * @param wanted the signals that are read from it
   */
  public Signalfd(long inode, Process process, long wanted, int flags) {
    super(inode, "[signalfd]", OpenFlag.RDWR, flags);
    this.process = process;
    setWanted(wanted);
  }

  /** Other signals are read from it from now on. */
  public final void setWanted(long set) {
    wanted = set & ~SignalState.UNBLOCKABLE;
  }

  private @Nullable Siginfo take() {
    for (Task task : process.tasks()) {
      Siginfo info = task.takeSignal(wanted);
      if (info != null) {
        return info;
      }
    }
    return null;
  }

  private static byte[] bytes(Siginfo info) {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    int low = (int) info.first();
    int high = (int) (info.first() >>> 32);
    bytes.putInt(0, info.number()).putInt(8, info.code());
    if (info.code() == Siginfo.SI_TIMER) {
      bytes.putInt(24, low).putInt(32, high);
    } else {
      bytes.putInt(12, low).putInt(16, high);
    }
    if (info.number() == Signal.SIGCHLD.number() && info.code() > 0) {
      bytes.putInt(40, (int) info.second());
    } else {
      bytes.putInt(44, (int) info.second()).putLong(48, info.second());
    }
    return bytes.array();
  }

  @Override
  public byte @Nullable [] read(int most) {
    var bytes = new ByteArrayOutputStream();
    while (bytes.size() + SIZE <= most) {
      Siginfo info = take();
      if (info == null) {
        break;
      }
      bytes.writeBytes(bytes(info));
    }
    return bytes.size() == 0 ? null : bytes.toByteArray();
  }

  @Override
  public int write(byte[] bytes) {
    return INVALID;
  }

  private long waiting() {
    long waiting = process.pending().set();
    for (Task task : process.tasks()) {
      waiting |= task.signals().pending().set();
    }
    return waiting & wanted;
  }

  @Override
  public boolean canRead() {
    return waiting() != 0;
  }

  @Override
  public boolean canWrite() {
    return false;
  }

  @Override
  public int leastRead() {
    return SIZE;
  }

  /** Told anew whenever other signals wait. */
  @Override
  protected long activity() {
    return waiting();
  }
}
