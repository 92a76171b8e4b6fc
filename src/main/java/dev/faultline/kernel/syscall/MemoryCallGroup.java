package dev.faultline.kernel.syscall;

import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import java.util.List;

/** System calls about memory, which commands make too. */
public final class MemoryCallGroup implements CallGroup {
  private final Syscalls syscalls;
  private final UserAccess user;

  public MemoryCallGroup(Syscalls syscalls, UserAccess user) {
    this.syscalls = syscalls;
    this.user = user;
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(214, "brk", "x", (p, a) -> syscalls.brk(p, a[0])),
        new SystemCall(215, "munmap", "xd", (p, a) -> done(() -> syscalls.munmap(p, a[0], a[1]))),
        new SystemCall(
            216,
            "mremap",
            "xddxx",
            (p, a) -> syscalls.mremap(p, a[0], a[1], a[2], (int) a[3], a[4])),
        new SystemCall(
            222,
            "mmap",
            "xdPMdd",
            (p, a) -> syscalls.mmap(p, a[0], a[1], (int) a[2], (int) a[3], (int) a[4], a[5])),
        new SystemCall(
            226, "mprotect", "xdP", (p, a) -> done(() -> syscalls.mprotect(p, a[0], a[1], a[2]))),
        new SystemCall(
            227, "msync", "xdx", (p, a) -> done(() -> syscalls.msync(p, a[0], a[1], (int) a[2]))),
        new SystemCall(228, "mlock", "xd", (p, a) -> done(() -> syscalls.mlock(p, a[0], a[1]))),
        new SystemCall(229, "munlock", "xd", (p, a) -> done(() -> syscalls.munlock(p, a[0], a[1]))),
        new SystemCall(232, "mincore", "xdx", this::mincore),
        new SystemCall(
            233,
            "madvise",
            "xdd",
            (p, a) -> done(() -> syscalls.madvise(p, a[0], a[1], (int) a[2]))),
        // Decoded instructions never differ from memory.
        new SystemCall(259, "riscv_flush_icache", "xxx", (p, a) -> 0));
  }

  private static long done(Runnable call) {
    call.run();
    return 0;
  }

  private long mincore(Process process, long[] a) {
    user.write(process.space(), a[2], syscalls.mincore(process, a[0], a[1]));
    return 0;
  }
}
