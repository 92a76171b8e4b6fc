package dev.faultline.lab;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.recording.RecordedRuns;
import java.nio.file.Path;

/**
 * A server without its web: opens the laboratories of a directory, opens one more, and runs random
 * commands in it until it is killed, or as many as it is told to. Says each command's last record
 * once the command is answered.
 */
final class KilledServer {
  private KilledServer() {}

  public static void main(String[] arguments) {
    DataDirectory data = DataDirectory.open(Path.of(arguments[0]));
    var laboratories = new Laboratories(Limits.DEFAULT, "test", data);
    laboratories.all().forEach(lab -> System.out.println("back " + lab.id()));
    Laboratory lab = laboratories.open(Settings.of("killed", PrivateFileStrategy.LAZY));
    System.out.println("open " + lab.id());
    RecordedRuns.randomCommands(
        Long.parseLong(arguments[1]),
        arguments.length > 2 ? Integer.parseInt(arguments[2]) : Integer.MAX_VALUE,
        command -> System.out.println(lab.execute(command).lastSequence()));
    laboratories.close();
    data.close();
  }
}
