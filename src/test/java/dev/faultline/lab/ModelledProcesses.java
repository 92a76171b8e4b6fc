package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.MemoryModel.ModelProcess;
import dev.faultline.lab.MemoryModel.Stop;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * The processes of a random run, each in a laboratory and in the {@link MemoryModel}: what is done
 * to one is done to both, and must end in the same way.
 */
final class ModelledProcesses {
  private final TestLab lab;
  private final Random random;
  private final int most;
  private final Map<Integer, ModelProcess> processes = new TreeMap<>();

  /**
   * @param most how many live at once; then one that should fork ends instead
   */
  ModelledProcesses(TestLab lab, Random random, int most) {
    this.lab = lab;
    this.random = random;
    this.most = most;
  }

  int spawn() {
    int pid = lab.spawn();
    processes.put(pid, new ModelProcess());
    return pid;
  }

  /** One of those that live. */
  int any() {
    List<Integer> pids = List.copyOf(processes.keySet());
    return pids.get(random.nextInt(pids.size()));
  }

  ModelProcess get(int pid) {
    return Objects.requireNonNull(processes.get(pid));
  }

  Collection<ModelProcess> all() {
    return processes.values();
  }

  /**
   * Does something again and again, and ends all processes.
   *
   * @param seed named when something fails
   */
  void repeat(int operations, long seed, Runnable operation) {
    for (int i = 0; i < operations; i++) {
      try {
        operation.run();
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("operation " + i + " of seed " + seed, failure);
      }
    }
    processes.clear();
    lab.assertNothingIsLeft();
  }

  void forkOrExit(int pid) {
    if (processes.size() < most) {
      processes.put(lab.fork(pid), MemoryModel.fork(get(pid)));
    } else {
      lab.exit(pid);
      processes.remove(pid);
    }
  }

  void read(int pid, long address, int length) {
    Outcome outcome = lab.tryRead(pid, address, length);
    Stop stop = MemoryModel.stop(get(pid), address, length, false);
    if (stop != null) {
      TestLab.assertSignal(outcome, stop.signal(), stop.address());
    } else {
      byte[] bytes = ((Result.Bytes) Objects.requireNonNull(outcome.result())).bytes();
      assertThat(bytes).isEqualTo(MemoryModel.read(get(pid), address, length));
    }
  }

  void write(int pid, long address, byte[] bytes) {
    Outcome outcome = lab.tryWrite(pid, address, bytes);
    Stop stop = MemoryModel.stop(get(pid), address, bytes.length, true);
    int written = bytes.length;
    if (stop != null) {
      TestLab.assertSignal(outcome, stop.signal(), stop.address());
      written = (int) (stop.address() - address);
    } else {
      assertThat(outcome.signal()).isNull();
    }
    MemoryModel.write(get(pid), address, bytes, written);
  }
}
