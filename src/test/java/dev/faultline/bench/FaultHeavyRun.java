package dev.faultline.bench;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import java.nio.file.Path;
import java.util.Objects;

/** A laboratory that does nothing but fault: copy-on-write, anonymous and read faults in turn. */
final class FaultHeavyRun {
  private static final int PAGE = 4096;
  private static final int PAGES = 64;

  private final Laboratory lab;
  private final int pid;
  private int round;

  FaultHeavyRun(Laboratory lab) {
    this.lab = lab;
    lab.execute(new Command.PutFile("/f", 0644, new byte[PAGES * PAGE]));
    Result spawned = Objects.requireNonNull(lab.execute(new Command.Spawn("bench")).result());
    pid = ((Result.Pid) spawned).pid();
    lab.execute(new Command.Open(pid, "/f", 0, 0));
  }

  static Settings settings() {
    return Settings.of("bench", PrivateFileStrategy.LAZY);
  }

  /** Keeps a run of so many records in a directory, and gives its recording. */
  static Path record(DataDirectory data, long records) {
    var laboratories = new Laboratories(Limits.DEFAULT, "bench", data);
    Laboratory lab = laboratories.open(settings());
    new FaultHeavyRun(lab).goOn(records);
    laboratories.close();
    return recording(data, lab);
  }

  static Path recording(DataDirectory data, Laboratory lab) {
    return data.root().resolve("labs").resolve(lab.id()).resolve("recording");
  }

  /** Goes on until there are so many records more. */
  void goOn(long records) {
    byte[] one = {1};
    long until = lab.log().head() + records;
    for (; lab.log().head() < until; round++) {
      int flags = round % 3 == 0 ? 0x22 : 0x02;
      Result mapped =
          Objects.requireNonNull(
              lab.execute(new Command.Mmap(pid, 0, PAGES * PAGE, 3, flags, 3, 0)).result());
      long address = ((Result.Address) mapped).address();
      for (int page = 0; page < PAGES; page++) {
        long at = address + (long) page * PAGE;
        lab.execute(
            round % 3 == 2 ? new Command.Read(pid, at, 1) : new Command.Write(pid, at, one));
      }
      if (round % 8 != 0) {
        lab.execute(new Command.Munmap(pid, address, PAGES * PAGE));
      }
      if (round % 200 == 199) {
        lab.execute(new Command.Munmap(pid, 0x3000000000L, 0xff8000000L));
      }
    }
  }
}
