package dev.faultline.lab;

import static dev.faultline.lab.TestLab.PAGE;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Prot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What mapped memory means, written as naively as possible: no frames, no tables, no VMAs; every
 * page of a process is an object of its own. The kernel is held against it.
 */
final class MemoryModel {
  /** A file's bytes, padded to whole pages; pages beyond are not there. */
  static final class ModelFile {
    final String path;
    final boolean inMemory;
    int size;
    byte[] pages;

    /**
     * @param inMemory whether there is no disk behind it
     */
    ModelFile(String path, boolean inMemory, byte[] bytes) {
      this.path = path;
      this.inMemory = inMemory;
      this.size = bytes.length;
      this.pages = Arrays.copyOf(bytes, (bytes.length + PAGE - 1) / PAGE * PAGE);
    }

    /** Bytes from the old end on are zero; on a disk, whatever was stored there. */
    void resize(int newSize, int written) {
      if (newSize < size) {
        Arrays.fill(pages, newSize, pages.length, (byte) 0);
      } else if (!inMemory) {
        Arrays.fill(pages, size, Math.clamp(written, size, pages.length), (byte) 0);
      }
      pages = Arrays.copyOf(pages, (newSize + PAGE - 1) / PAGE * PAGE);
      size = newSize;
    }

    void write(byte[] bytes, int offset) {
      if (offset + bytes.length > size) {
        resize(offset + bytes.length, offset);
      }
      System.arraycopy(bytes, 0, pages, offset, bytes.length);
    }

    /** A hole in a disk's file ends with its last page, and does not begin behind its end. */
    void punch(int start, int end) {
      if (inMemory || end <= size) {
        zero(start, end);
      } else if (start < size) {
        zero(start, pages.length);
      }
    }

    void zero(int start, int end) {
      if (start < pages.length) {
        Arrays.fill(pages, start, Math.min(end, pages.length), (byte) 0);
      }
    }

    byte[] bytes() {
      return Arrays.copyOf(pages, size);
    }

    /** Bytes past the end are never on the disk. */
    void writeBack() {
      Arrays.fill(pages, size, pages.length, (byte) 0);
    }
  }

  /** One mapped page: where its bytes are. */
  static final class ModelPage {
    int prot;
    final boolean shared;
    final @Nullable ModelFile file;
    final long filePage;
    boolean mayWrite = true;
    boolean locked;
    byte @Nullable [] own;

    ModelPage(int prot, boolean shared, @Nullable ModelFile file, long filePage) {
      this.prot = prot;
      this.shared = shared;
      this.file = file;
      this.filePage = filePage;
    }

    boolean isBeyondFile() {
      return file != null && filePage * PAGE >= file.pages.length;
    }
  }

  /** A process: its pages by number, its descriptors, its limits in pages. */
  static final class ModelProcess {
    final NavigableMap<Long, ModelPage> pages = new TreeMap<>();
    final Map<Integer, OpenModelFile> descriptors = new HashMap<>();
    long brk = HEAP;
    long most = Long.MAX_VALUE;
    long mostLocked = Long.MAX_VALUE;

    long locked() {
      return pages.values().stream().filter(page -> page.locked).count();
    }
  }

  record OpenModelFile(ModelFile file, int flags) {}

  /** The first byte that cannot be accessed, with the signal that it raises. */
  record Stop(long address, String signal) {}

  static final long USER_END = 1L << 38;
  static final long HEAP = 0x2a_aaaa_d000L;
  private static final long LOWEST = 0x1_0000;
  private static final long MMAP_BASE = USER_END - (128L << 20);

  private final boolean eager;

  MemoryModel(boolean eager) {
    this.eager = eager;
  }

  /**
   * Where Linux would put {@code length} bytes that nobody asked an address for; -1 for nowhere
   * below the base.
   */
  static long highestGap(ModelProcess process, long length) {
    long pages = length / PAGE;
    long end = MMAP_BASE / PAGE;
    for (Long taken : process.pages.descendingKeySet()) {
      if (taken >= end) {
        continue;
      }
      if (end - taken - 1 >= pages) {
        break;
      }
      end = taken;
    }
    return (end - pages) * PAGE >= LOWEST ? (end - pages) * PAGE : -1;
  }

  static boolean isFree(ModelProcess process, long address, long length) {
    return process.pages.subMap(address / PAGE, (address + length) / PAGE).isEmpty();
  }

  void map(
      ModelProcess process,
      long address,
      long length,
      int prot,
      int flags,
      @Nullable OpenModelFile open,
      long offset) {
    boolean shared = MapFlag.SHARED.in(flags);
    ModelFile file = open == null ? null : open.file();
    ModelFile backing = file;
    long firstPage = file == null ? 0 : offset / PAGE;
    if (file == null && shared) {
      backing = new ModelFile("/dev/zero", true, new byte[(int) length]);
    }
    for (long page = 0; page < length / PAGE; page++) {
      var mapped = new ModelPage(prot, shared, backing, firstPage + page);
      mapped.mayWrite = !shared || open == null || open.flags() != OpenFlag.RDONLY.bit();
      if (eager && file != null && !shared && prot != Prot.NONE && !mapped.isBeyondFile()) {
        mapped.own = copyOf(mapped);
      }
      process.pages.put(address / PAGE + page, mapped);
    }
  }

  /** A child sees what its parent saw, and from now on neither sees the other's private writes. */
  static ModelProcess fork(ModelProcess parent) {
    var child = new ModelProcess();
    child.descriptors.putAll(parent.descriptors);
    child.brk = parent.brk;
    child.most = parent.most;
    child.mostLocked = parent.mostLocked;
    parent.pages.forEach((number, page) -> {
      var copy = new ModelPage(page.prot, page.shared, page.file, page.filePage);
      copy.mayWrite = page.mayWrite;
      copy.own = page.own == null ? null : page.own.clone();
      child.pages.put(number, copy);
    });
    return child;
  }

  static void unmap(ModelProcess process, long address, long length) {
    process.pages.subMap(address / PAGE, (address + length + PAGE - 1) / PAGE).clear();
  }

  /** What was mapped at an address is at another one now, and shorter or longer. */
  static void remap(ModelProcess process, long address, long length, long target, long newLength) {
    unmap(process, address + newLength, Math.max(length - newLength, 0));
    if (newLength <= length) {
      return;
    }
    List<ModelPage> pages = new ArrayList<>();
    ModelPage first = page(process, address);
    for (long i = 0; i < newLength / PAGE; i++) {
      ModelPage old = i < length / PAGE ? process.pages.remove(address / PAGE + i) : null;
      if (old == null) {
        old = new ModelPage(first.prot, first.shared, first.file, first.filePage + i);
        old.mayWrite = first.mayWrite;
        old.locked = first.locked;
      }
      pages.add(old);
    }
    for (int i = 0; i < pages.size(); i++) {
      process.pages.put(target / PAGE + i, pages.get(i));
    }
  }

  /** The heap ends elsewhere. */
  static void moveBrk(ModelProcess process, long brk) {
    long oldEnd = (process.brk + PAGE - 1) / PAGE;
    long newEnd = (brk + PAGE - 1) / PAGE;
    for (long page = newEnd; page < oldEnd; page++) {
      process.pages.remove(page);
    }
    for (long page = oldEnd; page < newEnd; page++) {
      process.pages.put(page, new ModelPage(Prot.READ | Prot.WRITE, false, null, 0));
    }
    process.brk = brk;
  }

  /** The first address of a range that is not mapped or may not have that protection, or -1. */
  static long protect(ModelProcess process, long address, long length, int prot) {
    for (long at = address; at < address + length; at += PAGE) {
      ModelPage page = process.pages.get(at / PAGE);
      if (page == null || (prot & Prot.WRITE) != 0 && !page.mayWrite) {
        return at;
      }
      page.prot = prot;
    }
    return -1;
  }

  /** Private copies past the end of a file that was cut are gone. */
  static void dropPastEnd(ModelProcess process, ModelFile file) {
    process.pages.values().stream()
        .filter(page -> page.file == file && page.isBeyondFile())
        .forEach(page -> page.own = null);
  }

  /** Pages before the first locked one; one that is not mapped does not matter to the others. */
  static void dontNeed(ModelProcess process, long address, long length) {
    for (ModelPage page :
        process.pages.subMap(address / PAGE, (address + length) / PAGE).values()) {
      if (page.locked) {
        return;
      }
      page.own = null;
    }
  }

  /** What advice that takes pages is answered: locked ones stop it, holes do not. */
  static String adviceError(
      ModelProcess process, long address, long length, boolean refusesLocked) {
    String error = "";
    for (long at = address; at < address + length; at += PAGE) {
      ModelPage page = process.pages.get(at / PAGE);
      if (page == null) {
        error = "ENOMEM";
      } else if (page.locked && refusesLocked) {
        return "EINVAL";
      }
    }
    return error;
  }

  /** What {@code mlock2} or {@code munlock} is answered; what precedes a hole is done. */
  static String lock(ModelProcess process, long address, long length, boolean locks) {
    var range = process.pages.subMap(address / PAGE, (address + length) / PAGE);
    long already = range.values().stream().filter(page -> page.locked).count();
    if (locks && process.mostLocked == 0) {
      return "EPERM";
    }
    if (locks && process.locked() + length / PAGE - already > process.mostLocked) {
      return "ENOMEM";
    }
    for (long at = address; at < address + length; at += PAGE) {
      ModelPage page = process.pages.get(at / PAGE);
      if (page == null) {
        return "ENOMEM";
      }
      page.locked = locks;
    }
    return "";
  }

  /** Where an access stops, or null when all of it is allowed. */
  static @Nullable Stop stop(ModelProcess process, long address, int length, boolean isWrite) {
    for (long at = address; at < address + length; at = (at / PAGE + 1) * PAGE) {
      ModelPage page = process.pages.get(at / PAGE);
      if (page == null) {
        return new Stop(at, "SIGSEGV SEGV_MAPERR");
      }
      int needed = isWrite ? Prot.WRITE : Prot.READ | Prot.WRITE;
      if ((page.prot & needed) == 0) {
        return new Stop(at, "SIGSEGV SEGV_ACCERR");
      }
      if (page.isBeyondFile()) {
        return new Stop(at, "SIGBUS BUS_ADRERR");
      }
    }
    return null;
  }

  static byte[] read(ModelProcess process, long address, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      ModelPage page = page(process, address + i);
      int offset = (int) ((address + i) % PAGE);
      if (page.own != null) {
        bytes[i] = page.own[offset];
      } else if (page.file != null) {
        bytes[i] = page.file.pages[(int) page.filePage * PAGE + offset];
      }
    }
    return bytes;
  }

  static void write(ModelProcess process, long address, byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      ModelPage page = page(process, address + i);
      int offset = (int) ((address + i) % PAGE);
      if (page.shared) {
        Objects.requireNonNull(page.file).pages[(int) page.filePage * PAGE + offset] = bytes[i];
      } else {
        if (page.own == null) {
          page.own = copyOf(page);
        }
        page.own[offset] = bytes[i];
      }
    }
  }

  /** The first page of a file in which a write stores past the file's end, or -1. */
  static long pageStoredPastEnd(ModelProcess process, long address, int length) {
    for (long at = address / PAGE * PAGE; at < address + length; at += PAGE) {
      ModelPage page = process.pages.get(at / PAGE);
      if (page == null
          || !page.shared
          || page.file == null
          || page.file.inMemory
          || page.isBeyondFile()) {
        continue;
      }
      long pastEnd = at + page.file.size - page.filePage * PAGE;
      if (pastEnd < at + PAGE && pastEnd < address + length) {
        return at;
      }
    }
    return -1;
  }

  static void writeBack(ModelProcess process, long address) {
    Objects.requireNonNull(page(process, address).file).writeBack();
  }

  private static byte[] copyOf(ModelPage page) {
    if (page.file == null) {
      return new byte[PAGE];
    }
    int from = (int) page.filePage * PAGE;
    return Arrays.copyOfRange(page.file.pages, from, from + PAGE);
  }

  private static ModelPage page(ModelProcess process, long address) {
    return Objects.requireNonNull(process.pages.get(address / PAGE));
  }
}
