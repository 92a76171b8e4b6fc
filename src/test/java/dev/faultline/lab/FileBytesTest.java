package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a laboratory's files have, and the names that it has heard of. */
class FileBytesTest {
  private static final int OPERATIONS = 600;
  private static final int SHARED = 1;
  private static final int WRITABLE = 3;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Integer> open = new ArrayList<>();

  /** Counted anew: a file without a name has only what is on the disk. */
  private static long naive(Kernel kernel) {
    long bytes = 0;
    for (RegularFile file : kernel.files().inodes().files()) {
      int size = (int) file.size();
      bytes += file.links() > 0 ? size : file.readDisk(0, new byte[size], 0, size);
    }
    return bytes;
  }

  private static long counted(TestLab lab) {
    return lab.laboratory().ask(kernel -> kernel.files().inodes().bytes());
  }

  private static void checkSum(TestLab lab, String when) {
    long sum = lab.laboratory().ask(FileBytesTest::naive);
    assertThat(counted(lab)).as(when).isEqualTo(sum);
  }

  private String path() {
    return "/f" + random.nextInt(5);
  }

  private Command next(int pid) {
    int size = random.nextInt(20_000);
    Command.FileName file = new Command.ByPath(path());
    if (!open.isEmpty() && random.nextBoolean()) {
      file = new Command.ByDescriptor(open.get(random.nextInt(open.size())));
    }
    return switch (random.nextInt(9)) {
      case 0 -> new Command.PutFile(path(), 0644, new byte[size]);
      case 1 -> new Command.DeleteFile(path());
      case 2 -> new Command.Unlink(pid, path());
      case 3 -> new Command.Ftruncate(pid, file, size);
      case 4 -> new Command.Pwrite(pid, file, new byte[random.nextInt(5000)], size);
      case 5 -> new Command.Open(pid, path(), random.nextBoolean() ? 0102 : 01002, 0644);
      case 6 -> new Command.MemfdCreate(pid, "m", 0);
      case 7 ->
          open.isEmpty()
              ? new Command.Fallocate(pid, file, 0, size, 5000)
              : new Command.Close(pid, open.remove(random.nextInt(open.size())));
      default -> {
        int fd = open.isEmpty() ? 99 : open.get(random.nextInt(open.size()));
        yield new Command.Mmap(pid, 0, 8192, WRITABLE, SHARED, fd, 0);
      }
    };
  }

  @Test
  void bytesOfFiles_areTheirSumAfterEveryOperation() {
    System.out.printf("FileBytesTest: -Dfaultline.seed=%d%n", seed);
    TestLab lab = TestLab.withSwap(64, 512, ReclaimPolicy.LRU);
    int pid = lab.spawn();
    for (int i = 0; i < OPERATIONS; i++) {
      Command command = next(pid);
      Result result = lab.run(command).result();
      if (result instanceof Result.Descriptor descriptor) {
        open.add(descriptor.fd());
      } else if (result instanceof Result.Address mapped) {
        lab.run(new Command.Write(pid, mapped.address(), new byte[100]));
        lab.munmap(pid, mapped.address(), 8192);
      }
      checkSum(lab, command.toString());
    }
    lab.exit(pid);
    checkSum(lab, "the end");
  }

  @Test
  void namesThatWereHeardOf_canBeDeletedWhenThereIsRoomForNoMore() {
    Limits few = SmallLimits.with(Limits.DEFAULT, "strings", 60);
    TestLab lab = TestLab.open(Settings.of("names", PrivateFileStrategy.LAZY), few);
    List<String> names = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              while (true) {
                String name = "/n" + names.size();
                lab.put(name, new byte[10]);
                names.add(name);
              }
            })
        .hasMessageContaining("60");
    long before = counted(lab);
    names.forEach(lab::delete);
    long after = counted(lab);
    assertThat(before - after).isEqualTo(10L * names.size());
  }
}
