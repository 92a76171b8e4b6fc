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
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.MapsText;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

  ProcessFiles(MemoryTexts memory, Clock clock, FileSystem files) {
    this.memory = memory;
    this.files = files;
    this.status = new StatusTexts(memory, clock);
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

    NavigableMap<String, Inode> all(boolean isOfProcess) {
      texts();
      textsOfMemory();
      links();
      if (isOfProcess) {
        ofMemory("coredump_filter", 0444, "", p -> Content.of("00000033\n"));
        threads();
      }
      return entries;
    }

    /** What a process has until its parent has heard of its end. */
    private void texts() {
      text("cgroup", p -> "");
      text("comm", p -> task.name() + "\n");
      text("io", p -> StatusTexts.NO_IO);
      text("limits", StatusTexts::limits);
      text("maps", MapsText::of);
      text("oom_score", memory::oomScore);
      text("oom_score_adj", p -> "0\n");
      text("personality", p -> "00000000\n");
      text("stat", p -> status.stat(task));
      text("statm", status::statm);
      text("status", p -> status.status(task));
      text("wchan", p -> "0");
    }

    /** What is read from its memory, or needs some: empty or unreadable when that is gone. */
    private void textsOfMemory() {
      Function<Process, Content> vector = p -> Content.of(p.space().start().auxiliaryVector());
      ofMemory("auxv", PRIVATE, null, vector);
      ofMemory("cmdline", 0444, "", p -> status.strings(p, p.space().start().arguments()));
      ofMemory("environ", PRIVATE, null, p -> status.strings(p, p.space().start().environment()));
      ofMemory("mountinfo", 0444, null, p -> Content.of(MOUNTINFO));
      ofMemory("mounts", 0444, null, p -> Content.of(MOUNTS));
      ofMemory("pagemap", PRIVATE, null, p -> new PagemapContent(p, memory.frames()));
      ofMemory("smaps", 0444, "", p -> Content.of(memory.smaps(p)));
      ofMemory("smaps_rollup", 0444, null, p -> Content.of(memory.rollup(p)));
    }

    private void links() {
      entries.put("fd", descriptors("fd", this::descriptor));
      entries.put("fdinfo", descriptors("fdinfo", this::information));
      if (!process.isAlive()) {
        return;
      }
      link("cwd", process.directory().path(), process::directory);
      link("root", "/", files::root);
      if (process.hasProgram()) {
        String executable = process.executable();
        Supplier<Inode> file = () -> files.existing(executable);
        link("exe", executable, file);
      }
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
                List<Task> left = process.isAlive() ? process.tasks() : List.of(process.leader());
                for (Task each : left) {
                  threads.put(Integer.toString(each.tid()), directory(tasks[0], each));
                }
                return threads;
              });
      entries.put("task", tasks[0]);
    }

    private void text(String name, Function<Process, String> text) {
      add(name, 0444, () -> Content.of(text.apply(process)));
    }

    /**
     * @param afterwards what it reads as when the memory is gone; null for an error
     */
    private void ofMemory(
        String name, int mode, @Nullable String afterwards, Function<Process, Content> content) {
      Content left = afterwards == null ? null : Content.of(afterwards);
      add(name, mode, () -> process.isAlive() ? content.apply(process) : left);
    }

    private void add(String name, int mode, Supplier<@Nullable Content> content) {
      entries.put(
          name,
          new GeneratedFile(
              next++,
              path + name,
              mode,
              () -> process.condition().isReaped() ? null : content.get()));
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
            Collection<Integer> numbers =
                process.isAlive() ? process.descriptors().numbers() : List.of();
            for (int fd : numbers) {
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
