package dev.faultline.lab;

import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.recording.RecordedRuns;
import java.nio.file.Path;
import java.util.List;

/**
 * A server without its web: opens the laboratories of a directory, opens one more, and runs random
 * commands in it until it is killed. Says each command's last record once the command is answered.
 * Told how many commands, it also runs programs on two harts, and a loop that the clock ends, each
 * in a laboratory of its own, and ends by itself.
 */
final class KilledServer {
  private KilledServer() {}

  public static void main(String[] arguments) {
    DataDirectory data = DataDirectory.open(Path.of(arguments[0]));
    Limits limits =
        SmallLimits.with(Limits.DEFAULT, "runMillis", arguments.length > 2 ? 1_000 : 20);
    var laboratories = new Laboratories(limits, "test", data);
    laboratories.all().forEach(lab -> System.out.println("back " + lab.id()));
    Laboratory lab = open(laboratories, "killed", 1);
    System.out.println("open " + lab.id());
    RecordedRuns.randomCommands(
        Long.parseLong(arguments[1]),
        arguments.length > 2 ? Integer.parseInt(arguments[2]) : Integer.MAX_VALUE,
        command -> System.out.println(lab.execute(command).lastSequence()));
    runPrograms(open(laboratories, "programs", 2));
    runForEver(open(laboratories, "loop", 1));
    laboratories.close();
    data.close();
  }

  private static Laboratory open(Laboratories laboratories, String name, int harts) {
    return laboratories.open(Settings.of(name, PrivateFileStrategy.LAZY).withHarts(harts));
  }

  private static void runPrograms(Laboratory lab) {
    lab.execute(new Command.PutFile("/bin/family", 0755, Programs.file("family")));
    for (int i = 0; i < 4; i++) {
      lab.execute(new Command.Start("/bin/family", List.of("family"), List.of(), null));
    }
    lab.execute(new Command.RunAll(20_000, RunEnd.Reason.EXIT));
  }

  private static void runForEver(Laboratory lab) {
    lab.execute(new Command.Spawn("loop"));
    lab.execute(new Command.Mmap(1, 0x10000000, 4096, 7, 0x32, -1, 0));
    lab.execute(new Command.Write(1, 0x10000000, new byte[] {0x6f, 0, 0, 0})); // j .
    lab.execute(new Command.Run(1, Long.MAX_VALUE, RunEnd.Reason.EXIT, 0x10000000L));
  }
}
