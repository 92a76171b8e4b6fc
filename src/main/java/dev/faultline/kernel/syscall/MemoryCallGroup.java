package dev.faultline.kernel.syscall;

import java.util.List;

/** System calls about memory, which commands make too. */
final class MemoryCallGroup implements CallGroup {
  private final Syscalls syscalls;

  MemoryCallGroup(Syscalls syscalls) {
    this.syscalls = syscalls;
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(214, "brk", "x", (p, a) -> syscalls.brk(p, a[0])),
        SystemCall.ofProcess(
            215, "munmap", "xd", (p, a) -> done(() -> syscalls.munmap(p, a[0], a[1]))),
        SystemCall.ofProcess(
            216,
            "mremap",
            "xddxx",
            (p, a) -> syscalls.mremap(p, a[0], a[1], a[2], (int) a[3], a[4])),
        SystemCall.ofProcess(
            222,
            "mmap",
            "xdPMdd",
            (p, a) -> syscalls.mmap(p, a[0], a[1], (int) a[2], (int) a[3], (int) a[4], a[5])),
        SystemCall.ofProcess(
            226, "mprotect", "xdP", (p, a) -> done(() -> syscalls.mprotect(p, a[0], a[1], a[2]))),
        SystemCall.ofProcess(
            227, "msync", "xdx", (p, a) -> done(() -> syscalls.msync(p, a[0], a[1], (int) a[2]))),
        SystemCall.ofProcess(
            228, "mlock", "xd", (p, a) -> done(() -> syscalls.mlock(p, a[0], a[1]))),
        SystemCall.ofProcess(
            229, "munlock", "xd", (p, a) -> done(() -> syscalls.munlock(p, a[0], a[1]))),
        SystemCall.ofProcess(
            47,
            "fallocate",
            "dxdd",
            (p, a) ->
                done(() ->
                    syscalls.fallocate(
                        p.descriptors().regular((int) a[0]), (int) a[0], (int) a[1], a[2], a[3]))),
        SystemCall.ofProcess(
            163, "getrlimit", "dx", (p, a) -> done(() -> syscalls.prlimit(p, 0, a[0], 0, a[1]))),
        SystemCall.ofProcess(
            164, "setrlimit", "dx", (p, a) -> done(() -> syscalls.prlimit(p, 0, a[0], a[1], 0))),
        SystemCall.ofProcess(
            230, "mlockall", "x", (p, a) -> done(() -> syscalls.mlockall(p, (int) a[0]))),
        SystemCall.ofProcess(231, "munlockall", "", (p, a) -> done(() -> syscalls.munlockall(p))),
        SystemCall.ofProcess(
            232, "mincore", "xdx", (p, a) -> done(() -> syscalls.mincore(p, a[0], a[1], a[2]))),
        SystemCall.ofProcess(
            261,
            "prlimit64",
            "ddxx",
            (p, a) -> done(() -> syscalls.prlimit(p, a[0], a[1], a[2], a[3]))),
        SystemCall.ofProcess(
            270,
            "process_vm_readv",
            "dxdxdx",
            (p, a) -> syscalls.processVm().transfer(p, a, false)),
        SystemCall.ofProcess(
            271,
            "process_vm_writev",
            "dxdxdx",
            (p, a) -> syscalls.processVm().transfer(p, a, true)),
        SystemCall.ofProcess(
            279,
            "memfd_create",
            "sx",
            (p, a) -> syscalls.memoryFiles().create(p, a[0], (int) a[1])),
        SystemCall.ofProcess(
            284, "mlock2", "xdx", (p, a) -> done(() -> syscalls.mlock2(p, a[0], a[1], (int) a[2]))),
        SystemCall.ofProcess(
            233,
            "madvise",
            "xdd",
            (p, a) -> done(() -> syscalls.madvise(p, a[0], a[1], (int) a[2]))),
        SystemCall.ofProcess(
            234, "remap_file_pages", "xdPdM", (p, a) -> done(() -> syscalls.remapFilePages(p, a))),
        SystemCall.ofProcess(
            462, "mseal", "xdx", (p, a) -> done(() -> syscalls.mseal(p, a[0], a[1], a[2]))));
  }

  private static long done(Runnable call) {
    call.run();
    return 0;
  }
}
