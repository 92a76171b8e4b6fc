package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.MemoryUse;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Harts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends a process when frames are needed and no page can be taken ({@code mm/oom_kill.c}): the one
 * that gives back most; of several the youngest. Whoever asked goes on then with what was freed.
 * Only when it is itself the one that must go does it first come out of whatever the kernel was
 * doing for it.
 */
public final class OomKiller {
  private final Processes processes;
  private final FrameTable frames;
  private final Harts harts;
  private final ChangeLog log;

  private @Nullable Process actor;
  private boolean doomed;

  public OomKiller(Processes processes, FrameTable frames, Harts harts, ChangeLog log) {
    this.processes = processes;
    this.frames = frames;
    this.harts = harts;
    this.log = log;
    frames.killWith(this::kill);
  }

  /** For whom the kernel acts from now on; null for the laboratory. */
  public void actFor(@Nullable Process process) {
    actor = process;
    doomed = false;
  }

  /** For whom the kernel acts; null for the laboratory. */
  public @Nullable Process actor() {
    return actor;
  }

  /** The process that the kernel acts for cannot be helped. */
  public void doom() {
    doomed = true;
  }

  /** True when the process that the kernel acts for must end as soon as it leaves the kernel. */
  public boolean isActorDoomed() {
    return doomed;
  }

  /**
   * Ends a process other than the one that the kernel acts for, and those that share its memory;
   * false when there is none to end.
   */
  private boolean kill() {
    Process victim = doomed ? null : choose();
    if (victim == null || actor != null && victim.space() == actor.space()) {
      doomed |= victim != null;
      return false;
    }
    for (Process process : List.copyOf(processes.all())) {
      if (process.isAlive() && process.space() == victim.space()) {
        harts.leave(process.pid());
        processes.killForFrames(process);
      }
    }
    return true;
  }

  /** {@code select_bad_process}. */
  private @Nullable Process choose() {
    Process chosen = null;
    long most = 0;
    for (Process process : processes.all()) {
      if (process.isAlive()) {
        MemoryUse use = MemoryUse.of(process.space(), frames);
        log.step(
            StepKind.COUNTS_BADNESS,
            process.pid(),
            use.resident(),
            use.swapped(),
            use.tables(),
            use.badness());
        if (use.badness() >= most) {
          chosen = process;
          most = use.badness();
        }
      }
    }
    if (chosen != null) {
      log.step(StepKind.OUT_OF_FRAMES, frames.total(), chosen.pid(), most);
    }
    return chosen;
  }
}
