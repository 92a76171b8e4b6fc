package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import java.util.BitSet;

/**
 * Linux's approximation of "least recently used" ({@code mm/vmscan.c}): pages come in at the end of
 * the inactive list and are taken from its beginning. A page found used there moves to the end
 * again the first time and to the active list the second time ({@code folio_check_references}). The
 * active list never grows longer than the inactive one: its oldest pages go back, whether they are
 * still used or not, and have to prove it again.
 *
 * <p>A page that is touched once, such as one of a long file that is read through, so never drives
 * out one that is used again and again.
 */
final class TwoLists implements EvictionOrder {
  private final FrameList inactive = new FrameList();
  private final FrameList active = new FrameList();

  /** Pages that were found used once ({@code PG_referenced}). */
  private final BitSet referenced = new BitSet();

  private final ChangeLog log;

  TwoLists(ChangeLog log) {
    this.log = log;
  }

  @Override
  public void add(int ppn) {
    inactive.addLast(ppn);
  }

  @Override
  public void remove(int ppn) {
    listOf(ppn).remove(ppn);
    referenced.clear(ppn);
  }

  private FrameList listOf(int ppn) {
    return active.contains(ppn) ? active : inactive;
  }

  /** The first use marks an inactive page, the second one makes it active. */
  @Override
  public void accessed(int ppn) {
    if (referenced.get(ppn) && inactive.contains(ppn)) {
      referenced.clear(ppn);
      inactive.remove(ppn);
      active.addLast(ppn);
    } else {
      referenced.set(ppn);
    }
  }

  @Override
  public void deactivate(int ppn) {
    referenced.clear(ppn);
    listOf(ppn).remove(ppn);
    inactive.addFirst(ppn);
  }

  @Override
  public int choose(Candidates candidates) {
    while (active.size() > inactive.size()) {
      deactivateOldest(candidates);
    }
    int found = scan(candidates);
    while (found == NONE && active.size() > 0) {
      deactivateOldest(candidates);
      found = active.size() == 0 ? scan(candidates) : NONE;
    }
    return found;
  }

  /** {@code shrink_active_list}. */
  private void deactivateOldest(Candidates candidates) {
    int ppn = active.first();
    candidates.takeReferences(ppn);
    active.remove(ppn);
    inactive.addLast(ppn);
    log.step(StepKind.DEACTIVATES, ppn);
  }

  /** {@code shrink_inactive_list}: twice, for those that were passed over the first time. */
  private int scan(Candidates candidates) {
    int next;
    for (int round = 0; round < 2; round++) {
      for (int ppn = inactive.first(); ppn != NONE; ppn = next) {
        next = inactive.after(ppn);
        if (candidates.mayGo(ppn) && !keeps(ppn, candidates.takeReferences(ppn))) {
          return ppn;
        }
      }
    }
    return NONE;
  }

  /** Whether a page stays because it is used. */
  private boolean keeps(int ppn, int references) {
    boolean before = referenced.get(ppn);
    referenced.clear(ppn);
    if (references == 0) {
      return false;
    }
    inactive.remove(ppn);
    if (before || references > 1) {
      active.addLast(ppn);
      log.step(StepKind.ACTIVATES, ppn);
    } else {
      referenced.set(ppn);
      inactive.addLast(ppn);
    }
    return true;
  }

  @Override
  public int reason() {
    return ReclaimPolicy.LRU.ordinal();
  }
}
