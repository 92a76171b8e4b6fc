package dev.faultline.kernel.procfs;

import dev.faultline.kernel.fs.Content;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.GeneratedDirectory;
import dev.faultline.kernel.fs.GeneratedFile;
import dev.faultline.kernel.fs.Inode;
import dev.faultline.kernel.fs.MagicLink;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.OpenGenerated;
import dev.faultline.kernel.process.MapsText;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** {@code /proc/PID}: what a process can read of itself and of others. */
final class ProcessFiles {
  private static final int DIRECTORY_MODE = 0555;
  private static final int PRIVATE_DIRECTORY = 0500;
  private static final int ALL_MAY = 0777;

  /** {@code proc_pid_make_inode}: what {@code lstat} says of a link of {@code fd}. */
  private static final int LINK_SIZE = 64;

  private static final int PRIVATE = 0400;

  /** Of each process and each thread; descriptors have two each from 100 on. */
  private static final int INODES = 1 << 12;

  /** Apart from each other and from the rest of {@code /proc} for every number there is. */
  private static final long FIRST_OF_THREADS = 0xe800_0000L;

  private static final long FIRST_OF_PROCESSES = 0xf000_1000L;

  private static final String MOUNTS = "/ / faultline rw 0 0\nproc /proc proc rw,relatime 0 0\n";
  private static final String MOUNTINFO =
      "1 1 8:1 / / rw - faultline / rw\n24 1 0:22 / /proc rw,relatime - proc proc rw\n";

  private final MemoryTexts memory;
  private final FileSystem files;
  private final StatusTexts status;

  ProcessFiles(MemoryTexts memory, FileSystem files) {
    this.memory = memory;
    this.files = files;
    this.status = new StatusTexts(memory);
  }

  /** {@code /proc/PID}. */
  GeneratedDirectory directory(Directory parent, Process process) {
    long inode = FIRST_OF_PROCESSES + (long) INODES * process.pid();
    return directory(parent, process.leader(), inode, true);
  }

  /** {@code /proc/PID/task/TID}. */
  private GeneratedDirectory directory(Directory parent, Task task) {
    return directory(parent, task, FIRST_OF_THREADS + (long) INODES * task.tid(), false);
  }

  private GeneratedDirectory directory(
      Directory parent, Task task, long inode, boolean isOfProcess) {
    String name = Integer.toString(task.tid());
    GeneratedDirectory[] self = new GeneratedDirectory[1];
    self[0] =
        new GeneratedDirectory(
            inode, parent, name, DIRECTORY_MODE, () -> new Names(task, self[0]).all(isOfProcess));
    return self[0];
  }

  /** The names of a process, or of one of its threads, with inode numbers that follow. */
  private final class Names {
    private final NavigableMap<String, Inode> entries = new TreeMap<>();
    private final Task task;
    private final Process process;
    private final String path;
    private final Directory self;
    private final long inode;
    private long next;

    Names(Task task, Directory self) {
      this.task = task;
      this.self = self;
      process = task.process();
      inode = self.number();
      next = inode + 1;
      path = self.path() + "/";
    }

    /** What has ended has a name left, and no memory. */
    NavigableMap<String, Inode> all(boolean isOfProcess) {
      add("comm", 0444, () -> Content.of(task.name() + "\n"));
      if (process.isAlive()) {
        texts();
        links();
        if (isOfProcess) {
          text("coredump_filter", p -> "00000033\n");
          threads();
        }
      }
      return entries;
    }

    private void texts() {
      content("auxv", PRIVATE, p -> Content.of(p.space().start().auxiliaryVector()));
      text("cgroup", p -> "");
      content("cmdline", 0444, p -> status.strings(p, p.space().start().arguments()));
      content("environ", PRIVATE, p -> status.strings(p, p.space().start().environment()));
      text("io", p -> StatusTexts.NO_IO);
      text("limits", StatusTexts::limits);
      text("maps", MapsText::of);
      text("mountinfo", p -> MOUNTINFO);
      text("mounts", p -> MOUNTS);
      text("oom_score_adj", p -> "0\n");
      content("pagemap", PRIVATE, p -> new PagemapContent(p, memory.frames()));
      text("personality", p -> "00000000\n");
      text("smaps", memory::smaps);
      text("smaps_rollup", memory::rollup);
      text("stat", p -> status.stat(task));
      text("statm", status::statm);
      text("status", p -> status.status(task));
      text("wchan", p -> "0");
    }

    private void links() {
      link("cwd", process.directory().path(), process::directory);
      link("root", "/", files::root);
      if (process.hasProgram()) {
        String executable = process.executable();
        Supplier<Inode> file = () -> files.existing(executable);
        link("exe", executable, file);
      }
      entries.put("fd", descriptors("fd", this::descriptor));
      entries.put("fdinfo", descriptors("fdinfo", this::information));
    }

    private void threads() {
      GeneratedDirectory[] tasks = new GeneratedDirectory[1];
      tasks[0] =
          new GeneratedDirectory(
              next++,
              self,
              "task",
              DIRECTORY_MODE,
              () -> {
                NavigableMap<String, Inode> threads = new TreeMap<>();
                for (Task each : process.tasks()) {
                  threads.put(Integer.toString(each.tid()), directory(tasks[0], each));
                }
                return threads;
              });
      entries.put("task", tasks[0]);
    }

    private void text(String name, Function<Process, String> text) {
      content(name, 0444, p -> Content.of(text.apply(p)));
    }

    private void content(String name, int mode, Function<Process, Content> content) {
      add(name, mode, () -> process.isAlive() ? content.apply(process) : Content.of(""));
    }

    private void add(String name, int mode, Supplier<Content> content) {
      entries.put(
          name,
          new GeneratedFile(
              next++, path + name, mode, () -> process.isReaped() ? null : content.get()));
    }

    private void link(String name, String text, Supplier<Inode> target) {
      entries.put(name, new MagicLink(next++, text, ALL_MAY, 0, target));
    }

    private GeneratedDirectory descriptors(String name, IntFunction<Inode> made) {
      return new GeneratedDirectory(
          next++,
          self,
          name,
          PRIVATE_DIRECTORY,
          () -> {
            NavigableMap<String, Inode> entries = new TreeMap<>();
            for (int fd : process.descriptors().numbers()) {
              entries.put(Integer.toString(fd), made.apply(fd));
            }
            return entries;
          });
    }

    private Inode descriptor(int fd) {
      Description open = Objects.requireNonNull(process.descriptors().find(fd));
      int mode = 0100 | (open.isReadable() ? 0400 : 0) | (open.isWritable() ? 0200 : 0);
      return new MagicLink(inode + 100 + 2L * fd, textOf(open), mode, LINK_SIZE, open::file);
    }

    private Inode information(int fd) {
      Description open = Objects.requireNonNull(process.descriptors().find(fd));
      String text =
          "pos:\t%d\nflags:\t0%o\nmnt_id:\t1\nino:\t%d\n"
              .formatted(positionOf(open), open.flags(), open.inode());
      return ProcFileSystem.file(inode + 101 + 2L * fd, path + "fdinfo/" + fd, () -> text);
    }
  }

  private static long positionOf(Description open) {
    return switch (open) {
      case OpenFile file -> file.position();
      case OpenGenerated made -> made.position();
      default -> 0;
    };
  }

  private static String textOf(Description open) {
    if (open instanceof OpenFile file && file.file().links() == 0) {
      return open.path() + " (deleted)";
    }
    boolean isNamed = open.path().startsWith("/") || open.path().contains(":");
    return isNamed ? open.path() : "pipe:[" + open.inode() + "]";
  }
}
