package dev.faultline.kernel.mm;

/** The handlers of all system calls about memory, one for each. */
public record MemoryCalls(
    Mmap mmap,
    Munmap munmap,
    Mprotect mprotect,
    Mremap mremap,
    Msync msync,
    Madvise madvise,
    Mlock mlock,
    Mincore mincore,
    Brk brk,
    ProcessVm processVm,
    Fallocate fallocate,
    Fadvise fadvise,
    Seals seals,
    Mseal mseal,
    RemapFilePages remapFilePages) {}
