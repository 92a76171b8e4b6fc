package dev.faultline.kernel.mm;

/**
 * In which order pages of one kind leave memory. There is one for file pages and one for anonymous
 * ones; frames come and go in it as they are taken and freed.
 *
 * <p>What an order may know of the use of a page is little, as on real machines: whether any entry
 * that maps it has the A bit, which the MMU sets and only the kernel clears.
 */
sealed interface EvictionOrder permits Fifo, Clock, TwoLists, RandomOrder {
  /** What an order asks about frames while it chooses. */
  interface Candidates {
    /** Whether the frame is one of those that are looked for. */
    boolean mayGo(int ppn);

    /**
     * How many entries that map the frame had A ({@code folio_referenced}); they have it no more.
     */
    int takeReferences(int ppn);
  }

  int NONE = FrameList.NONE;

  /** A page came into memory. */
  void add(int ppn);

  /** A page is gone. */
  void remove(int ppn);

  /** A system call read or wrote the page, which leaves no A bit ({@code mark_page_accessed}). */
  default void accessed(int ppn) {}

  /** The page will not be needed soon ({@code folio_deactivate}). */
  default void deactivate(int ppn) {}

  /** The page to take, or NONE when no candidate is among them. */
  int choose(Candidates candidates);

  /** Why the page that was chosen last was chosen; a value of the log's format {@code EVICTION}. */
  int reason();
}
