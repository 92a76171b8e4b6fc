package dev.faultline.kernel.host;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What of {@code smaps} can be compared: sizes that do not depend on how a kernel marks pages dirty
 * or referenced, and the flags that both architectures have.
 */
final class SmapsCounts {
  private static final String SIZE = "Size:";

  private static final Set<String> ALWAYS = Set.of("Anonymous:", "Swap:");

  /** What pages of files count in. */
  private static final Set<String> EXACT = Set.of("Rss:", "Pss:", "Locked:");

  /** The soft-dirty bit, which x86-64 has. */
  private static final String SOFT_DIRTY = "sd";

  private static final Snapshot.Area NOTHING =
      new Snapshot.Area(0, 0, "", 0, "", new char[0], new int[0]);

  private SmapsCounts() {}

  /** A line for each area that {@code smaps} has below the mmap base, save the server. */
  static Answer of(String smaps, FileSystem fileSystem) {
    List<String> lines = new ArrayList<>();
    var line = new StringBuilder();
    boolean isCompared = false;
    var area = NOTHING;
    for (String text : smaps.lines().toList()) {
      String[] words = text.split(" +");
      if (words[0].endsWith(":")) {
        if (words[0].equals("VmFlags:")) {
          line.append(flags(words));
          if (isCompared) {
            lines.add(line.toString());
          }
        } else if (words[0].equals(SIZE)) {
          line.append(SIZE).append((area.end() - area.start()) / 1024).append(' ');
        } else if (ALWAYS.contains(words[0]) || fileSystem.isExact() && EXACT.contains(words[0])) {
          line.append(words[0]).append(words[1]).append(' ');
        }
      } else {
        line.setLength(0);
        Snapshot.Area whole = Snapshot.parse(text + "\n").getFirst();
        isCompared = Snapshot.isCompared(whole);
        area = whole.belowBase();
        line.append("%x-%x ".formatted(area.start(), area.end()));
      }
    }
    String all = String.join("\n", lines);
    return new Answer(lines.size(), "", all.getBytes(StandardCharsets.US_ASCII));
  }

  private static String flags(String[] words) {
    var flags = new StringBuilder();
    for (int i = 1; i < words.length; i++) {
      flags.append(words[i].equals(SOFT_DIRTY) ? "" : " " + words[i]);
    }
    return flags.toString();
  }
}
