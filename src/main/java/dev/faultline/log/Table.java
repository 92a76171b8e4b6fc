package dev.faultline.log;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The tables of the machine, declared once. A row is one {@code long} a column, the columns in the
 * order of the table's column enum; columns that make up the key are columns too, so that a row can
 * be read alone.
 */
public enum Table implements TableShape {
  /** A process and its address space; key: the pid. */
  PROCESS(Process.values()),

  /**
   * A virtual memory area; key: its number, which a split gives to the lower part. {@code inode} 0
   * is anonymous memory; {@code offset} is in bytes; {@code flags} are Linux's {@code vm_flags}
   * besides protection and sharing.
   */
  VMA(Vma.values()),

  /**
   * An entry of a page table that is not 0: valid, or naming a swap slot; key: its physical
   * address. {@code va} is the first address that it translates.
   */
  PTE(Pte.values()),

  /**
   * A frame in use; key: its number. {@code refs = mappings + cached + pins + parent}. {@code
   * inode} and {@code page} tell which file page its bytes are or were copied from. A {@code lazy}
   * one may be dropped unless it is written again (MADV_FREE).
   */
  FRAME(Frame.values()),

  /**
   * A file; key: its inode number. {@code size} is in bytes; a file without links lives on while it
   * is open or mapped.
   */
  FILE(File.values()),

  /**
   * A file page in the page cache; key: {@code inode << 32 | page}. Whoever comes to a marked page
   * begins the next window of readahead.
   */
  CACHED_PAGE(CachedPage.values()),

  /** An open file descriptor; key: {@code pid << 32 | fd}. */
  DESCRIPTOR(Descriptor.values()),

  /**
   * A row of a TLB; key: its number, those of hart 0 first. {@code entry} is the physical address
   * of the table entry that it was filled from; {@code stale} is true while the two disagree.
   */
  TLB(Tlb.values()),

  /**
   * A hart; key: its number. {@code instret} counts the instructions that it has retired; those of
   * all harts together are the time of the laboratory.
   */
  HART(Hart.values()),

  /**
   * A page of the swap area in use; key: the slot's number. {@code refs = entries + cached}. {@code
   * pid}, {@code inode} and {@code page} tell what it holds, as in the row of a frame.
   */
  SWAP_SLOT(SwapSlot.values()),

  /** A thread besides the first of its process, whose state its process's row has; key: its tid. */
  THREAD(Thread.values());

  private static final Table[] ALL = values();

  private final List<Column> columns;

  Table(Column[] columns) {
    this.columns = List.of(columns);
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Table> labelled(String label) {
    return List.of(ALL).stream().filter(table -> table.label().equals(label)).findFirst();
  }

  static Table at(int ordinal) {
    return ALL[ordinal];
  }

  /** Columns of {@link #PROCESS}. */
  public enum Process implements Column {
    PID(Format.FROM_ONE),
    NAME(Format.TEXT),
    STATE(Format.PROCESS_STATE),
    PARENT(Format.DECIMAL),
    ROOT(Format.HEX),
    ASID(Format.ASID),
    BRK(Format.HEX);

    private final Format format;

    Process(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #VMA}. */
  public enum Vma implements Column {
    VMA(Format.DECIMAL),
    PID(Format.FROM_ONE),
    START(Format.HEX),
    END(Format.HEX),
    PROT(Format.PROTECTION),
    SHARING(Format.SHARING),
    INODE(Format.DECIMAL),
    OFFSET(Format.HEX_BYTES),
    PATH(Format.TEXT),
    FLAGS(Format.HEX);

    private final Format format;

    Vma(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #PTE}. */
  public enum Pte implements Column {
    ADDRESS(Format.HEX),
    PID(Format.DECIMAL),
    LEVEL(Format.LEVEL),
    VA(Format.HEX),
    VALUE(Format.HEX);

    private final Format format;

    Pte(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #FRAME}. */
  public enum Frame implements Column {
    PPN(Format.HEX),
    KIND(Format.FRAME_KIND),
    REFS(Format.DECIMAL),
    MAPPINGS(Format.DECIMAL),
    CACHED(Format.ONE_OR_NONE),
    PINS(Format.DECIMAL),
    PARENT(Format.ONE_OR_NONE),
    PID(Format.DECIMAL),
    INODE(Format.DECIMAL),
    PAGE(Format.PAGES),
    ORIGIN(Format.HEX),
    LAZY(Format.BOOLEAN);

    private final Format format;

    Frame(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #FILE}. */
  public enum File implements Column {
    INODE(Format.DECIMAL),
    PATH(Format.TEXT),
    SIZE(Format.BYTES),
    MODE(Format.OCTAL),
    LINKS(Format.DECIMAL),
    SEALS(Format.HEX);

    private final Format format;

    File(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #CACHED_PAGE}. */
  public enum CachedPage implements Column {
    INODE(Format.DECIMAL),
    PAGE(Format.PAGES),
    PPN(Format.HEX),
    DIRTY(Format.BOOLEAN),
    MARKED(Format.BOOLEAN);

    private final Format format;

    CachedPage(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #DESCRIPTOR}. */
  public enum Descriptor implements Column {
    PID(Format.FROM_ONE),
    FD(Format.DECIMAL),
    INODE(Format.DECIMAL),
    PATH(Format.TEXT),
    ACCESS(Format.OPEN_MODE);

    private final Format format;

    Descriptor(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #TLB}. */
  public enum Tlb implements Column {
    ROW(Format.DECIMAL),
    SET(Format.DECIMAL),
    WAY(Format.DECIMAL),
    ASID(Format.ASID),
    VA(Format.HEX),
    PPN(Format.HEX),
    FLAGS(Format.ENTRY_FLAGS),
    LEVEL(Format.LEVEL),
    ENTRY(Format.HEX),
    STALE(Format.BOOLEAN),
    HART(Format.DECIMAL);

    private final Format format;

    Tlb(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #HART}. */
  public enum Hart implements Column {
    HART(Format.DECIMAL),
    PID(Format.DECIMAL),
    PRIVILEGE(Format.PRIVILEGE),
    PC(Format.HEX),
    SATP(Format.HEX),
    SCAUSE(Format.HEX),
    STVAL(Format.HEX),
    SEPC(Format.HEX),
    INSTRET(Format.INSTRUCTIONS);

    private final Format format;

    Hart(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #SWAP_SLOT}. */
  public enum SwapSlot implements Column {
    SLOT(Format.DECIMAL),
    REFS(Format.DECIMAL),
    ENTRIES(Format.DECIMAL),
    CACHED(Format.ONE_OR_NONE),
    PID(Format.DECIMAL),
    INODE(Format.DECIMAL),
    PAGE(Format.PAGES);

    private final Format format;

    SwapSlot(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }

  /** Columns of {@link #THREAD}. */
  public enum Thread implements Column {
    TID(Format.FROM_ONE),
    PID(Format.FROM_ONE),
    STATE(Format.PROCESS_STATE);

    private final Format format;

    Thread(Format format) {
      this.format = format;
    }

    @Override
    public Format format() {
      return format;
    }
  }
}
