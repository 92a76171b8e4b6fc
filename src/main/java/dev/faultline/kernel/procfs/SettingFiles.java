package dev.faultline.kernel.procfs;

import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.GeneratedDirectory;
import dev.faultline.kernel.fs.Inode;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code /proc/sys}: what the kernel is set to. Nothing of it can be changed from inside. */
final class SettingFiles {
  private static final long FIRST_INODE = 0xe000_0000L;
  private static final int DIRECTORY_MODE = 0555;

  private final GeneratedDirectory directory;
  private final GeneratedDirectory ipc;
  private long nextInode = FIRST_INODE;

  SettingFiles(Directory parent, MemoryTexts memory, SystemTexts system, IpcTexts texts) {
    NavigableMap<String, Inode> groups = new TreeMap<>();
    directory =
        new GeneratedDirectory(
            nextInode++, parent, "sys", DIRECTORY_MODE, () -> new TreeMap<>(groups));
    add(
        groups,
        "fs",
        Map.of(
            "file-max", () -> "9223372036854775807",
            "nr_open", () -> "1048576",
            "pipe-max-size", () -> "1048576"));
    add(
        groups,
        "kernel",
        Map.of(
            "hostname", system::host,
            "ostype", () -> "Linux",
            "osrelease", system::release,
            "pid_max", () -> "32768",
            "randomize_va_space", () -> "0",
            "shmall", texts::mostShared,
            "shmmax", texts::mostShared,
            "shmmni", texts::mostSegments));
    add(
        groups,
        "vm",
        Map.of(
            "max_map_count", memory::mostMappings,
            "mmap_min_addr", () -> "4096",
            "overcommit_memory", memory::overcommit,
            "overcommit_ratio", () -> "50",
            "swappiness", () -> "60"));
    NavigableMap<String, Inode> tables = new TreeMap<>();
    tables.put("sem", ProcFileSystem.file(nextInode++, "/proc/sysvipc/sem", texts::sets));
    tables.put("shm", ProcFileSystem.file(nextInode++, "/proc/sysvipc/shm", texts::segments));
    ipc =
        new GeneratedDirectory(
            nextInode++, parent, "sysvipc", DIRECTORY_MODE, () -> new TreeMap<>(tables));
  }

  private void add(
      NavigableMap<String, Inode> groups, String name, Map<String, Supplier<String>> texts) {
    NavigableMap<String, Inode> files = new TreeMap<>();
    new TreeMap<>(texts)
        .forEach((file, text) -> {
          String path = "/proc/sys/" + name + "/" + file;
          files.put(file, ProcFileSystem.setting(nextInode++, path, () -> text.get() + "\n"));
        });
    groups.put(
        name,
        new GeneratedDirectory(
            nextInode++, directory, name, DIRECTORY_MODE, () -> new TreeMap<>(files)));
  }

  Inode directory() {
    return directory;
  }

  /** {@code /proc/sysvipc}. */
  Inode ipc() {
    return ipc;
  }
}
