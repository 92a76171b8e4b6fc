package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.OpenText;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The files of {@code /proc} that a process can read about itself. */
public final class ProcFiles {
  private static final String SELF = "/proc/self/";
  private static final int MAX_MAP_COUNT = 65_530;

  private ProcFiles() {}

  /** Opens such a file; null when the path names none. */
  public static @Nullable Description open(Process process, String path, int flags) {
    String text =
        switch (own(process, path)) {
          case "/proc/self/maps" -> MapsText.of(process);
          case "/proc/self/comm" -> process.name() + "\n";
          case "/proc/self/stat" -> stat(process);
          case "/proc/self/status" ->
              "Name:\t%s\nPid:\t%d\nPPid:\t%d\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
                  .formatted(process.name(), process.pid(), process.parent());
          case "/proc/self/mountinfo" -> "1 0 8:1 / / rw - faultline / rw\n";
          case "/proc/mounts", "/proc/self/mounts" -> "/ / faultline rw 0 0\n";
          case "/proc/sys/vm/max_map_count" -> MAX_MAP_COUNT + "\n";
          case "/proc/sys/vm/overcommit_memory" -> "0\n";
          default -> null;
        };
    return text == null ? null : new OpenText(path, text.getBytes(StandardCharsets.UTF_8), flags);
  }

  /** Where a link of {@code /proc} leads; null when the path names none. */
  public static @Nullable String link(Process process, String path) {
    String own = own(process, path);
    if (own.equals("/proc/self")) {
      return Integer.toString(process.pid());
    }
    if (own.equals("/proc/self/exe")) {
      return process.executable();
    }
    if (own.equals("/proc/self/cwd")) {
      return process.directory().path();
    }
    if (own.startsWith(SELF + "fd/")) {
      Description open = find(process, own.substring((SELF + "fd/").length()));
      return open == null ? null : open.path();
    }
    return null;
  }

  private static @Nullable Description find(Process process, String number) {
    try {
      return process.descriptors().find(Integer.parseInt(number));
    } catch (NumberFormatException noNumber) {
      return null;
    }
  }

  /** The process's own number stands for itself. */
  private static String own(Process process, String path) {
    String numbered = "/proc/" + process.pid();
    boolean isOwn = path.equals(numbered) || path.startsWith(numbered + "/");
    return isOwn ? "/proc/self" + path.substring(numbered.length()) : path;
  }

  private static String stat(Process process) {
    return "%d (%s) R %d %d %d 0 -1 0\n"
        .formatted(process.pid(), process.name(), process.parent(), process.pid(), process.pid());
  }
}
