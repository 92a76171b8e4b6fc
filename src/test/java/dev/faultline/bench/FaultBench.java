package dev.faultline.bench;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Faults through the whole command path inside one JVM: command, load or store, walk, fault, retry,
 * story, all in the log. One operation is an mmap of {@value #PAGES} pages, a fault on each, and
 * the munmap.
 *
 * <p>{@code scripts/bench FaultBench}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FaultBench {
  private static final int PAGES = 64;
  private static final int PAGE = 4096;

  private Laboratory lab = open();
  private int fd;

  private static Laboratory open() {
    return new Laboratories(Limits.DEFAULT).open(Settings.of("bench", PrivateFileStrategy.LAZY));
  }

  @Setup
  public void prepare() {
    lab = open();
    lab.execute(new Command.PutFile("/f", 0644, new byte[PAGES * PAGE]));
    lab.execute(new Command.Spawn("bench"));
    Outcome outcome = lab.execute(new Command.Open(1, "/f", 0, 0));
    fd = ((Result.Descriptor) Objects.requireNonNull(outcome.result())).fd();
  }

  private long run(int flags, boolean write) {
    Outcome map = lab.execute(new Command.Mmap(1, 0, PAGES * PAGE, 3, flags, fd, 0));
    long address = ((Result.Address) Objects.requireNonNull(map.result())).address();
    byte[] one = {1};
    for (int page = 0; page < PAGES; page++) {
      long at = address + (long) page * PAGE;
      lab.execute(write ? new Command.Write(1, at, one) : new Command.Read(1, at, 1));
    }
    return lab.execute(new Command.Munmap(1, address, PAGES * PAGE)).lastSequence();
  }

  /** 64 anonymous write faults. */
  @Benchmark
  public long anonymousWrite() {
    return run(0x22, true);
  }

  /** 64 private-file copy-on-write faults. */
  @Benchmark
  public long copyOnWrite() {
    return run(0x02, true);
  }

  /** 64 minor file read faults. */
  @Benchmark
  public long fileRead() {
    return run(0x02, false);
  }

  /** 64 copy-on-write faults asked for by one command. */
  @Benchmark
  public long copyOnWriteByOneCommand() {
    Outcome map = lab.execute(new Command.Mmap(1, 0, PAGES * PAGE, 3, 2, fd, 0));
    long address = ((Result.Address) Objects.requireNonNull(map.result())).address();
    lab.execute(new Command.Write(1, address, new byte[PAGES * PAGE]));
    return lab.execute(new Command.Munmap(1, address, PAGES * PAGE)).lastSequence();
  }

  public static void main(String[] arguments) throws RunnerException {
    new Runner(new OptionsBuilder().include(FaultBench.class.getSimpleName()).build()).run();
  }
}
