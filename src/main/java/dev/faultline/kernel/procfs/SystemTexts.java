package dev.faultline.kernel.procfs;

import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.machine.Harts;
import dev.faultline.machine.MachineConfiguration;
import java.util.Locale;

/** What {@code /proc} tells of the machine and its processes as a whole. */
public final class SystemTexts {
  private static final long BILLION = 1_000_000_000L;

  /** {@code USER_HZ} in nanoseconds. */
  static final long TICK = BILLION / 100;

  private static final String ISA = "rv64imafdc_zicntr_zicsr_zifencei";

  private final Processes processes;
  private final Clock clock;
  private final MachineConfiguration machine;
  private final Harts harts;

  public SystemTexts(Processes processes, Clock clock, MachineConfiguration machine, Harts harts) {
    this.processes = processes;
    this.clock = clock;
    this.machine = machine;
    this.harts = harts;
  }

  Clock clock() {
    return clock;
  }

  String host() {
    return "faultline";
  }

  String release() {
    return "6.12.0-faultline";
  }

  /** {@code linux_proc_banner}. */
  String version() {
    return "Linux version %s (faultline) #1 Faultline\n".formatted(release());
  }

  String uptime() {
    long hundredths = clock.monotonic() / TICK;
    return String.format(Locale.ROOT, "%d.%02d 0.00\n", hundredths / 100, hundredths % 100);
  }

  private long alive() {
    return processes.all().stream().filter(Process::isAlive).count();
  }

  private long blocked() {
    return processes.all().stream().filter(p -> p.isAlive() && p.leader().isWaiting()).count();
  }

  /** Nobody counts load; how many processes there are is true. */
  String load() {
    long running = alive() - blocked();
    return "0.00 0.00 0.00 %d/%d %d\n".formatted(running, processes.alive(), processes.lastPid());
  }

  /** {@code arch/riscv/kernel/cpu.c}. */
  String processors() {
    String mode = machine.paging().name().toLowerCase(Locale.ROOT);
    var text = new StringBuilder();
    for (int hart = 0; hart < machine.harts(); hart++) {
      text.append(
          "processor\t: %d\nhart\t\t: %d\nisa\t\t: %s\nmmu\t\t: %s\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\nhart isa\t: %s\n\n"
              .formatted(hart, hart, ISA, mode, ISA));
    }
    return text.toString();
  }

  /** All time is spent in user mode, and what a hart has not executed it was idle. */
  String statistics() {
    var times = new StringBuilder();
    long all = 0;
    long now = clock.monotonic() / TICK;
    for (int hart = 0; hart < harts.count(); hart++) {
      long busy = harts.hart(hart).instret() / TICK;
      all += busy;
      times.append("cpu%d %d 0 0 %d 0 0 0 0 0 0\n".formatted(hart, busy, Math.max(now - busy, 0)));
    }
    long idle = Math.max(now * harts.count() - all, 0);
    long booted = (clock.realTime() - clock.monotonic()) / BILLION;
    return """
    cpu  %d 0 0 %d 0 0 0 0 0 0
    %sintr 0
    ctxt 0
    btime %d
    processes %d
    procs_running %d
    procs_blocked %d
    softirq 0 0 0 0 0 0 0 0 0 0 0
    """
        .formatted(all, idle, times, booted, processes.made(), alive() - blocked(), 0);
  }
}
