package dev.faultline.kernel.mm;

/** First in, first out: whoever came first goes first, however much it is used. */
final class Fifo implements EvictionOrder {
  private final FrameList pages = new FrameList();

  @Override
  public void add(int ppn) {
    pages.addLast(ppn);
  }

  @Override
  public void remove(int ppn) {
    pages.remove(ppn);
  }

  @Override
  public int choose(Candidates candidates) {
    for (int ppn = pages.first(); ppn != NONE; ppn = pages.after(ppn)) {
      if (candidates.mayGo(ppn)) {
        return ppn;
      }
    }
    return NONE;
  }

  @Override
  public int reason() {
    return ReclaimPolicy.FIFO.ordinal();
  }
}
