package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.Mmap;
import org.jspecify.annotations.Nullable;

/**
 * The pages that the kernel maps into every program ({@code arch/riscv/kernel/vdso.c}). All
 * processes share them, as they share a library. They are where Linux has them, so that all else is
 * too; but they are empty, and no program is told of them ({@code AT_SYSINFO_EHDR}).
 */
final class Vdso {
  private static final long DATA_SIZE = 2 * 4096;
  private static final long CODE_SIZE = 4096;

  private final FileSystem files;
  private final Mmap mmap;
  private @Nullable OpenFile data;
  private @Nullable OpenFile code;

  Vdso(FileSystem files, Mmap mmap) {
    this.files = files;
    this.mmap = mmap;
  }

  /** Maps them in one gap ({@code __setup_additional_pages}). */
  void map(AddressSpace space) {
    if (data == null || code == null) {
      data = new OpenFile(files.inodes().makeForKernel("[vvar]", DATA_SIZE), OpenFlag.RDONLY.bit());
      code = new OpenFile(files.inodes().makeForKernel("[vdso]", CODE_SIZE), OpenFlag.RDONLY.bit());
    }
    int flags = MapFlag.PRIVATE.bit();
    long start = mmap.map(space, 0, DATA_SIZE + CODE_SIZE, Prot.READ, flags, data, -1, 0);
    int fixed = flags | MapFlag.FIXED.bit();
    int prot = Prot.READ | Prot.EXEC;
    mmap.map(space, start + DATA_SIZE, CODE_SIZE, prot, fixed, code, -1, 0);
  }
}
