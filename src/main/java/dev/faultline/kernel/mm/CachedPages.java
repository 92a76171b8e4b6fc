package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which pages of files are in memory: found by their file and by their frame, and counted. */
final class CachedPages {
  private static final int FIRST_FRAMES = 32;

  /** Of every file that has a page in memory, in the order in which they came. */
  private final Map<RegularFile, FilePages> byFile = new LinkedHashMap<>();

  private @Nullable CachedPage[] byFrame = new CachedPage[FIRST_FRAMES];

  /** Pages of files on the disk and pages of shared memory, and how many of these are dirty. */
  private int diskPages;

  private int dirtyDiskPages;
  private int sharedPages;
  private int dirtySharedPages;

  @Nullable CachedPage get(RegularFile file, long page) {
    FilePages ofFile = byFile.get(file);
    return ofFile == null ? null : ofFile.get(page);
  }

  /** The pages of a file from one on and before another, in their order; a list of its own. */
  List<CachedPage> between(RegularFile file, long firstPage, long endPage) {
    FilePages ofFile = byFile.get(file);
    return ofFile == null ? List.of() : ofFile.between(firstPage, endPage);
  }

  /** How many pages of a file are in memory. */
  int count(RegularFile file) {
    FilePages ofFile = byFile.get(file);
    return ofFile == null ? 0 : ofFile.size();
  }

  /** The page that a frame of the page cache holds. */
  CachedPage in(long ppn) {
    return Objects.requireNonNull(byFrame[(int) ppn]);
  }

  void add(CachedPage cached) {
    byFile.computeIfAbsent(cached.file, file -> new FilePages()).add(cached);
    int frame = (int) cached.ppn;
    if (frame >= byFrame.length) {
      byFrame = Arrays.copyOf(byFrame, Math.max(frame + 1, byFrame.length * 2));
    }
    byFrame[frame] = cached;
    count(cached, 1, cached.dirty ? 1 : 0);
  }

  void remove(CachedPage cached) {
    FilePages ofFile = Objects.requireNonNull(byFile.get(cached.file));
    ofFile.remove(cached);
    if (ofFile.size() == 0) {
      byFile.remove(cached.file);
    }
    byFrame[(int) cached.ppn] = null;
    count(cached, -1, cached.dirty ? -1 : 0);
  }

  void setDirty(CachedPage cached, boolean dirty) {
    if (cached.dirty != dirty) {
      cached.dirty = dirty;
      count(cached, 0, dirty ? 1 : -1);
    }
  }

  private void count(CachedPage cached, int pages, int dirtyPages) {
    if (cached.file.isOnDisk()) {
      diskPages += pages;
      dirtyDiskPages += dirtyPages;
    } else {
      sharedPages += pages;
      dirtySharedPages += dirtyPages;
    }
  }

  int size() {
    return diskPages + sharedPages;
  }

  int diskPages() {
    return diskPages;
  }

  int dirtyDiskPages() {
    return dirtyDiskPages;
  }

  int cleanSharedPages() {
    return sharedPages - dirtySharedPages;
  }

  void forEach(Consumer<CachedPage> reader) {
    byFile.values().forEach(ofFile -> ofFile.between(0, Long.MAX_VALUE).forEach(reader));
  }
}
