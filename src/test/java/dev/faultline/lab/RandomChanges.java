package dev.faultline.lab;

import static dev.faultline.lab.TestLab.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.Mlock;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.MemoryModel.ModelFile;
import dev.faultline.lab.MemoryModel.ModelProcess;
import dev.faultline.lab.MemoryModel.OpenModelFile;
import java.util.Collection;
import java.util.Random;

/**
 * Those of a random run's commands that are about what surrounds a mapping: files in memory, holes,
 * locks and limits. Each is made in a laboratory and in the model.
 */
final class RandomChanges {
  /** So few that others find frames beside the locked ones. */
  private static final int MOST_LOCKED = 3;

  private static final int LARGEST_MEMORY = 6 * PAGE;

  private final TestLab lab;
  private final Random random;

  RandomChanges(TestLab lab, Random random) {
    this.lab = lab;
    this.random = random;
  }

  /** The error's name, empty without one. */
  static String error(Outcome outcome) {
    return outcome.errno() == null ? "" : outcome.errno().name();
  }

  void createMemory(int pid, ModelProcess process) {
    if (process.descriptors.values().stream().filter(open -> open.file().inMemory).count() > 2) {
      return;
    }
    var create = new Command.MemfdCreate(pid, "memory", 0);
    if (lab.run(create).result() instanceof Result.Descriptor(int fd)) {
      int size = random.nextInt(LARGEST_MEMORY);
      assertThat(error(lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(fd), size))))
          .isEmpty();
      var file = new ModelFile("memory", true, new byte[size]);
      process.descriptors.put(fd, new OpenModelFile(file, OpenFlag.RDWR.bit()));
    }
  }

  /** Cuts a file by a descriptor. */
  void cut(int pid, ModelProcess process, Collection<ModelProcess> all) {
    int fd = 3 + random.nextInt(6);
    int size = random.nextInt(LARGEST_MEMORY);
    var command = new Command.Ftruncate(pid, new Command.ByDescriptor(fd), size);
    OpenModelFile open = process.descriptors.get(fd);
    String expected = open == null ? "EBADF" : isWritable(open) ? "" : "EINVAL";
    assertThat(error(lab.run(command))).isEqualTo(expected);
    if (open != null && expected.isEmpty()) {
      open.file().resize(size, Integer.MAX_VALUE);
      all.forEach(each -> MemoryModel.dropPastEnd(each, open.file()));
    }
  }

  void fallocate(int pid, ModelProcess process) {
    int fd = 3 + random.nextInt(6);
    int mode =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> Fallocate.KEEP_SIZE;
          case 2 -> Fallocate.ZERO_RANGE;
          case 3 -> Fallocate.ZERO_RANGE | Fallocate.KEEP_SIZE;
          default -> Fallocate.PUNCH_HOLE | Fallocate.KEEP_SIZE;
        };
    int offset = random.nextInt(2) * random.nextInt(PAGE) + random.nextInt(4) * PAGE;
    int length = 1 + random.nextInt(3 * PAGE);
    var command = new Command.Fallocate(pid, new Command.ByDescriptor(fd), mode, offset, length);
    OpenModelFile open = process.descriptors.get(fd);
    boolean zeroes = (mode & Fallocate.ZERO_RANGE) != 0;
    String expected =
        open == null || !isWritable(open)
            ? "EBADF"
            : zeroes && open.file().inMemory ? "EOPNOTSUPP" : "";
    assertThat(error(lab.run(command))).isEqualTo(expected);
    if (open == null || !expected.isEmpty()) {
      return;
    }
    if (zeroes) {
      open.file().zero(offset, offset + length);
    } else if ((mode & Fallocate.PUNCH_HOLE) != 0) {
      open.file().punch(offset, offset + length);
    }
    if ((mode & Fallocate.KEEP_SIZE) == 0 && offset + length > open.file().size) {
      // what was stored behind the new end stays there, as on Linux
      open.file().resize(offset + length, offset + length);
    }
  }

  private static boolean isWritable(OpenModelFile open) {
    return open.flags() != OpenFlag.RDONLY.bit();
  }

  void lock(int pid, ModelProcess process) {
    long address = mapped(process);
    long length = (1 + random.nextInt(2)) * (long) PAGE;
    Outcome outcome = lab.run(new Command.Mlock2(pid, address, length, Mlock.ONFAULT));
    assertThat(error(outcome)).isEqualTo(MemoryModel.lock(process, address, length, true));
  }

  void unlock(int pid, ModelProcess process) {
    long address = mapped(process);
    long length = (1 + random.nextInt(8)) * (long) PAGE;
    Outcome outcome = lab.run(new Command.Munlock(pid, address, length));
    assertThat(error(outcome)).isEqualTo(MemoryModel.lock(process, address, length, false));
  }

  private long mapped(ModelProcess process) {
    if (process.pages.isEmpty()) {
      return MemoryModel.HEAP;
    }
    return process.pages.keySet().stream()
            .skip(random.nextInt(process.pages.size()))
            .findFirst()
            .orElseThrow()
        * PAGE;
  }

  void limitLocks(int pid, ModelProcess process) {
    process.mostLocked = random.nextInt(MOST_LOCKED + 1);
    setLimit(pid, Rlimit.MEMLOCK, process.mostLocked);
  }

  /** Limits locks, or all memory to what there is and a little more, or to nothing at all. */
  void limit(int pid, ModelProcess process) {
    if (random.nextInt(3) == 0) {
      limitLocks(pid, process);
    } else if (random.nextInt(3) == 0) {
      process.most = process.pages.size() + random.nextInt(30);
      setLimit(pid, Rlimit.AS, process.most);
    } else {
      process.most = Long.MAX_VALUE;
      lab.run(
          new Command.Prlimit(pid, Rlimit.AS, new Rlimits.Pair(Rlimit.INFINITY, Rlimit.INFINITY)));
    }
  }

  /** Bytes that fill no page do not count. */
  private void setLimit(int pid, Rlimit resource, long pages) {
    long bytes = pages == 0 ? 0 : pages * PAGE + random.nextInt(PAGE);
    var pair = new Rlimits.Pair(bytes, resource.firstHard());
    assertThat(error(lab.run(new Command.Prlimit(pid, resource, pair)))).isEmpty();
  }
}
