package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.RandomBytes;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Futexes;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Quota;
import dev.faultline.log.ChangeLog;

/**
 * What groups of system calls work with.
 *
 * @param harts how many the machine has
 */
public record CallContext(
    Syscalls syscalls,
    FileSystem files,
    Processes processes,
    UserAccess user,
    FrameTable frames,
    Futexes futexes,
    Clock clock,
    RandomBytes random,
    Quota quota,
    int harts,
    ChangeLog log) {

  Refusal refusal() {
    return new Refusal(log);
  }
}
