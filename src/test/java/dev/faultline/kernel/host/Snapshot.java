package dev.faultline.kernel.host;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What a process has in memory at one moment: its areas in order of address. */
record Snapshot(List<Area> areas) {
  /** Sv39's mmap base: the servers' own areas lie above, and the server itself below the heap. */
  static final long MMAP_BASE = 0x3f_f800_0000L;

  /** Where the heap begins: the server's page ends here. */
  static final long HEAP = 0x2a_aaaa_d000L;

  /** A page that no entry maps. */
  static final char ABSENT = '.';

  /** A page that its entry forbids to touch. */
  static final char GUARD = 'g';

  /** A page of the process's own that nobody else maps. */
  static final char OWN = 'a';

  /** A page of the process's own that others map too since a fork, or the zero page. */
  static final char SHARED = 's';

  /** A page of a file, or of memory that is shared like one, which nobody else maps. */
  static final char FILE = 'f';

  /** The same, with several mappings. */
  static final char SHARED_FILE = 'F';

  /**
   * A VMA.
   *
   * @param pages what each page is
   * @param contents the checksum of each page that is there
   */
  record Area(
      long start,
      long end,
      String permissions,
      long offset,
      String name,
      char[] pages,
      int[] contents) {
    /** As far as it is compared: above the base, memory may have merged with the server's. */
    Area belowBase() {
      long last = Math.min(end, MMAP_BASE);
      return new Area(start, last, permissions, offset, name, pages, contents);
    }

    Area with(char[] newPages, int[] newContents) {
      return new Area(start, end, permissions, offset, name, newPages, newContents);
    }

    /** Whether the page at an address is in memory. */
    boolean has(long address) {
      return isThere(page(address));
    }

    /** What the page at an address is. */
    char page(long address) {
      return pages[(int) (address - start >>> 12)];
    }

    boolean isAnonymous() {
      return name.isEmpty() || name.equals("[heap]");
    }

    private boolean looksLike(Area other) {
      return start == other.start
          && end == other.end
          && permissions.equals(other.permissions)
          && offset == other.offset
          && name.equals(other.name);
    }

    @Override
    public String toString() {
      return "%x-%x %s %x %s %s"
          .formatted(start, end, permissions, offset, new String(pages), name);
    }
  }

  /** Whether an area is the program's: not the server that runs it, nor what lies above. */
  static boolean isCompared(Area area) {
    return Long.compareUnsigned(area.start, MMAP_BASE) < 0 && !area.name.equals("server");
  }

  /**
   * Areas from the text of {@code maps}, without pages and without what each kernel has for itself:
   * the device and the inode, and where its files lie.
   */
  static List<Area> parse(String maps) {
    List<Area> areas = new ArrayList<>();
    for (int from = 0; from < maps.length(); ) {
      int end = maps.indexOf('\n', from);
      areas.add(area(maps, from, end));
      from = end + 1;
    }
    return areas;
  }

  private static Area area(String maps, int from, int end) {
    int dash = maps.indexOf('-', from);
    int permissions = maps.indexOf(' ', dash) + 1;
    int offset = maps.indexOf(' ', permissions) + 1;
    int device = maps.indexOf(' ', offset) + 1;
    int slash = maps.lastIndexOf('/', end);
    int bracket = maps.lastIndexOf('[', end);
    int name = Math.max(slash + 1, bracket);
    return new Area(
        HexFormat.fromHexDigitsToLong(maps, from, dash),
        HexFormat.fromHexDigitsToLong(maps, dash + 1, permissions - 1),
        maps.substring(permissions, offset - 1),
        HexFormat.fromHexDigitsToLong(maps, offset, device - 1),
        name > device ? maps.substring(name, end) : "",
        new char[0],
        new int[0]);
  }

  /**
   * How Linux's snapshot differs from this one; null when it does not.
   *
   * @param exactly whether it matters which pages of files are mapped
   */
  @Nullable String difference(Snapshot linux, boolean exactly) {
    List<Area> expected = linux.areas;
    for (int i = 0; i < Math.max(areas.size(), expected.size()); i++) {
      if (i >= areas.size() || i >= expected.size() || !areas.get(i).looksLike(expected.get(i))) {
        return "areas differ:\n" + this + "instead of Linux's\n" + linux;
      }
      Area mine = areas.get(i);
      Area area = expected.get(i);
      for (int page = 0; page < mine.pages.length; page++) {
        char here = mine.pages[page];
        char there = area.pages[page];
        if (here != there && (exactly || isProcessOwn(here) || isProcessOwn(there))) {
          return "page %x is '%c' instead of Linux's '%c':\n%s\n%s"
              .formatted(mine.start + page * 4096L, here, there, mine, area);
        }
        if (here == there && mine.contents[page] != area.contents[page]) {
          return "page %x has other bytes:\n%s".formatted(mine.start + page * 4096L, mine);
        }
      }
    }
    return null;
  }

  /** Whether any of a range is memory that others may share. */
  boolean isShared(long from, long to) {
    return areasIn(from, to).anyMatch(area -> area.permissions.endsWith("s"));
  }

  /** Whether any of a range may show pages that are not the process's own. */
  boolean isOfFile(long from, long to) {
    return areasIn(from, to).anyMatch(area -> !area.isAnonymous());
  }

  private Stream<Area> areasIn(long from, long to) {
    return areas.stream().filter(area -> area.start < to && area.end > from);
  }

  static boolean isThere(char page) {
    return page != ABSENT && page != GUARD;
  }

  private static boolean isProcessOwn(char page) {
    return page == OWN || page == SHARED || page == GUARD;
  }

  /** The area that an address lies in, or else the next one; null when there is none. */
  @Nullable Area findFrom(long address) {
    return areas.stream().filter(area -> address < area.end).findFirst().orElse(null);
  }

  /** The area that an address lies in, null when none does. */
  @Nullable Area find(long address) {
    return find(areas, address);
  }

  static @Nullable Area find(List<Area> areas, long address) {
    for (Area area : areas) {
      if (address >= area.start && address < area.end) {
        return area;
      }
    }
    return null;
  }

  /**
   * A checksum of all that {@link #difference} compares.
   *
   * @param exactly whether it matters which pages of files are mapped
   */
  int checksum(boolean exactly) {
    var text = new StringBuilder();
    for (Area area : areas) {
      String line = area.toString();
      text.append(exactly ? line : line.replaceAll("[fF]", "."));
      for (int page = 0; page < area.pages.length; page++) {
        if (exactly || isProcessOwn(area.pages[page])) {
          text.append(' ').append(area.contents[page]);
        }
      }
    }
    var sum = new CRC32C();
    sum.update(text.toString().getBytes(StandardCharsets.UTF_8));
    return (int) sum.getValue();
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    areas.forEach(area -> text.append(area).append('\n'));
    return text.toString();
  }
}
