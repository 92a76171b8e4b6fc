package dev.faultline.kernel.procfs;

import dev.faultline.kernel.fs.Content;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.GeneratedDirectory;
import dev.faultline.kernel.fs.GeneratedFile;
import dev.faultline.kernel.fs.Inode;
import dev.faultline.kernel.fs.SymbolicLink;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /proc}: everything in it is made when it is looked at, and {@code self} leads to the
 * process for which the kernel acts.
 */
public final class ProcFileSystem {
  private static final int DIRECTORY_MODE = 0555;
  private static final int READ_ONLY = 0444;
  private static final int READ_WRITE = 0644;

  /** Inode numbers here are far above those of files. */
  private static final long FIRST_INODE = 0xf000_0000L;

  private final Processes processes;
  private final ProcessFiles files;
  private final FileSystem fileSystem;
  private final GeneratedDirectory root;
  private final SettingFiles settings;
  private final Supplier<@Nullable Process> actor;
  private final Map<String, Supplier<String>> texts = new TreeMap<>();

  /**
   * @param actor for whom the kernel acts
   */
  public ProcFileSystem(
      FileSystem fileSystem,
      Processes processes,
      MemoryTexts memory,
      SystemTexts system,
      IpcTexts ipc,
      Supplier<@Nullable Process> actor) {
    this.fileSystem = fileSystem;
    this.processes = processes;
    this.files = new ProcessFiles(memory, system.clock(), fileSystem);
    this.actor = actor;
    texts.put("cmdline", () -> "\n");
    texts.put("cpuinfo", system::processors);
    texts.put("filesystems", () -> "nodev\tproc\n\tfaultline\n");
    texts.put("loadavg", system::load);
    texts.put("meminfo", memory::machine);
    texts.put("stat", system::statistics);
    texts.put("swaps", memory::swaps);
    texts.put("uptime", system::uptime);
    texts.put("vmstat", memory::vmstat);
    texts.put("version", system::version);
    root =
        new GeneratedDirectory(
            FIRST_INODE, fileSystem.root(), "proc", DIRECTORY_MODE, this::entries);
    settings = new SettingFiles(root, memory, system, ipc);
  }

  /** Makes it part of the tree. */
  public void mount() {
    fileSystem.mount("proc", root);
  }

  private NavigableMap<String, Inode> entries() {
    NavigableMap<String, Inode> entries = new TreeMap<>();
    long inode = FIRST_INODE + 1;
    for (Map.Entry<String, Supplier<String>> text : texts.entrySet()) {
      String path = "/proc/" + text.getKey();
      entries.put(text.getKey(), file(inode++, path, text.getValue()));
    }
    entries.put("mounts", new SymbolicLink(inode++, "self/mounts"));
    entries.put("sys", settings.directory());
    entries.put("sysvipc", settings.ipc());
    Process self = actor.get();
    if (self != null) {
      entries.put("self", new SymbolicLink(inode, Integer.toString(self.pid())));
    }
    for (Process process : processes.all()) {
      if (!process.condition().isReaped()) {
        entries.put(Integer.toString(process.pid()), files.directory(root, process));
      }
    }
    return entries;
  }

  static GeneratedFile file(long inode, String path, Supplier<String> text) {
    return new GeneratedFile(inode, path, READ_ONLY, () -> Content.of(text.get()));
  }

  /** A file that root could write on Linux; here it only says so. */
  static GeneratedFile setting(long inode, String path, Supplier<String> text) {
    return new GeneratedFile(inode, path, READ_WRITE, () -> Content.of(text.get()));
  }
}
