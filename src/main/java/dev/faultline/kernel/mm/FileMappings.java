package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ObjIntConsumer;

/**
 * The VMAs of all processes that map a file ({@code i_mmap}): the way from a page of a file to the
 * entries that may map it. Only {@link VmaTree} adds and removes.
 */
public final class FileMappings {
  private final Map<RegularFile, NavigableMap<Integer, Vma>> byFile = new HashMap<>();

  private ObjIntConsumer<RegularFile> whenRemoved = (file, pid) -> {};

  /** Who is told of each VMA of a file that goes, and of whose it was ({@code vm_ops->close}). */
  void whenRemoved(ObjIntConsumer<RegularFile> listener) {
    whenRemoved = listener;
  }

  void add(RegularFile file, Vma vma) {
    byFile.computeIfAbsent(file, absent -> new TreeMap<>()).put(vma.number(), vma);
  }

  void remove(RegularFile file, Vma vma) {
    NavigableMap<Integer, Vma> vmas = byFile.get(file);
    if (vmas != null) {
      whenRemoved.accept(file, vma.space().pid());
      vmas.remove(vma.number());
      if (vmas.isEmpty()) {
        byFile.remove(file);
      }
    }
  }

  /** The VMAs that map a file, the oldest first. */
  Collection<Vma> of(RegularFile file) {
    NavigableMap<Integer, Vma> vmas = byFile.get(file);
    return vmas == null ? List.of() : List.copyOf(vmas.values());
  }
}
