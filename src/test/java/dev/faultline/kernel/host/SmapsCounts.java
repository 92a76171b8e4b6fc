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
  private static final Set<String> ALWAYS = Set.of("Size:", "Anonymous:", "Swap:");

  /** What pages of files count in. */
  private static final Set<String> EXACT = Set.of("Rss:", "Pss:", "Locked:");

  /** The soft-dirty bit, which x86-64 has. */
  private static final String SOFT_DIRTY = "sd";

  private SmapsCounts() {}

  /** A line for each area that {@code smaps} has below the mmap base, save the server. */
  static Answer of(String smaps, FileSystem fileSystem) {
    List<String> lines = new ArrayList<>();
    var line = new StringBuilder();
    boolean isCompared = false;
    for (String text : smaps.lines().toList()) {
      String[] words = text.split(" +");
      if (words[0].endsWith(":")) {
        if (words[0].equals("VmFlags:")) {
          line.append(flags(words));
          if (isCompared) {
            lines.add(line.toString());
          }
        } else if (ALWAYS.contains(words[0]) || fileSystem.isExact() && EXACT.contains(words[0])) {
          line.append(words[0]).append(words[1]).append(' ');
        }
      } else {
        line.setLength(0);
        line.append(words[0]).append(' ');
        isCompared = Snapshot.isCompared(Snapshot.parse(text + "\n").getFirst());
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
