package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.machine.Machine;

/** Makes address spaces and takes them down. */
public final class AddressSpaces {
  private final Machine machine;
  private final TlbFlush flush;
  private final FrameTable frames;
  private final Munmap munmap;
  private final FileMappings mappings;
  private final ReverseMap reverse;
  private final Commitment commitment;
  private final ChangeLog log;
  private final VmaNumbers numbers = new VmaNumbers();

  public AddressSpaces(
      Machine machine,
      TlbFlush flush,
      FrameTable frames,
      Munmap munmap,
      FileMappings mappings,
      ReverseMap reverse,
      Commitment commitment,
      ChangeLog log) {
    this.machine = machine;
    this.flush = flush;
    this.frames = frames;
    this.munmap = munmap;
    this.mappings = mappings;
    this.reverse = reverse;
    this.commitment = commitment;
    this.log = log;
  }

  /**
   * @throws OutOfFrames when there is no frame for the root table
   */
  public AddressSpace make(int pid) {
    frames.reserveGently(() -> 1);
    return new AddressSpace(
        pid, pid, machine, flush, numbers, mappings, frames, reverse, commitment, log);
  }

  /** Gives everything back ({@code exit_mmap}). */
  public void takeDown(AddressSpace space) {
    munmap.removeAll(space, 0, space.end());
    space.tables().freeUnneeded(0, space.end(), space.vmas());
    space.tables().freeRoot();
  }
}
