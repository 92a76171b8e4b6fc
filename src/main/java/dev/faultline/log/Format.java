package dev.faultline.log;

import java.util.ArrayList;
import java.util.List;

/**
 * How a primitive value of the log is written for people and scripts. Every value is a {@code
 * long}; a column or the argument of a step names the format that gives it its meaning.
 */
public final class Format {
  /**
   * The shapes that a reader (Java or browser) must know; {@code SYMBOL} carries its own list of
   * words.
   */
  public enum Shape {
    DECIMAL,
    HEX,
    OCTAL,
    BOOLEAN,
    TEXT,
    SYMBOL,
    ENTRY_FLAGS,
    PROTECTION
  }

  public static final Format DECIMAL = new Format(Shape.DECIMAL);
  public static final Format HEX = new Format(Shape.HEX);

  /** Numbers that begin at 1, such as a process's. */
  public static final Format FROM_ONE = DECIMAL.within(1, Long.MAX_VALUE);

  public static final Format ONE_OR_NONE = DECIMAL.within(0, 1);
  public static final Format ASID = DECIMAL.within(0, 0xffff);
  public static final Format LEVEL = DECIMAL.within(0, 4);
  public static final Format BYTES = DECIMAL.in("bytes");
  public static final Format HEX_BYTES = HEX.in("bytes");
  public static final Format PAGES = DECIMAL.in("pages of 4096 bytes");
  public static final Format INSTRUCTIONS = DECIMAL.in("instructions");
  public static final Format OCTAL = new Format(Shape.OCTAL);
  public static final Format BOOLEAN = new Format(Shape.BOOLEAN);

  /** The number of a string in the log's {@link Strings}. */
  public static final Format TEXT = new Format(Shape.TEXT);

  /** The low eight bits of a page-table entry, {@code VRWXUGAD}, a dash for a clear bit. */
  public static final Format ENTRY_FLAGS = new Format(Shape.ENTRY_FLAGS);

  /** {@code rwx} as in {@code /proc/pid/maps}: bit 0 read, bit 1 write, bit 2 execute. */
  public static final Format PROTECTION = new Format(Shape.PROTECTION);

  public static final Format ACCESS = symbols("load", "store", "fetch");
  public static final Format PRIVILEGE = symbols("U", "S", "", "M");
  public static final Format FRAME_KIND = symbols("zero", "table", "anon", "file");
  public static final Format SHARING = symbols("private", "shared");
  public static final Format PROCESS_STATE =
      symbols("running", "killed", "exited", "sleeping", "stopped");
  public static final Format ENTRY_BIT =
      symbols(
          "V",
          "R",
          "W",
          "X",
          "U",
          "G",
          "A",
          "D",
          "W without R",
          "U in a pointer",
          "a misaligned superpage",
          "a pointer where only a leaf can be",
          "A in a pointer",
          "D in a pointer",
          "reserved bit 54",
          "reserved bit 55",
          "reserved bit 56",
          "reserved bit 57",
          "reserved bit 58",
          "reserved bit 59",
          "reserved bit 60",
          "bit 61, PBMT",
          "bit 62, PBMT",
          "bit 63, N");
  public static final Format INTERRUPT =
      symbols(
          "",
          "supervisor software interrupt",
          "",
          "machine software interrupt",
          "",
          "supervisor timer interrupt",
          "",
          "machine timer interrupt",
          "",
          "supervisor external interrupt",
          "",
          "machine external interrupt");
  public static final Format ADVICE = symbolsOf(advice());
  public static final Format OPEN_MODE = symbols("RDONLY", "WRONLY", "RDWR");
  public static final Format EVICTION =
      symbols(
          "the oldest of the inactive list that was not used since it was last looked at",
          "the hand of the clock stands at it, and it was not used since the last round",
          "it came in before all others",
          "chance, from the seed",
          "the process asked for it");
  public static final Format STRATEGY = symbols("lazy", "eager");

  private static final String ENTRY_LETTERS = "VRWXUGAD";
  private static final String PROTECTION_LETTERS = "rwx";

  /** What {@code madvise(2)} takes, by its numbers; those between have no name. */
  private static List<String> advice() {
    var names = new ArrayList<String>();
    for (int number = 0; number <= 103; number++) {
      names.add(Integer.toString(number));
    }
    List<String> first = List.of("NORMAL", "RANDOM", "SEQUENTIAL", "WILLNEED", "DONTNEED");
    List<String> second =
        List.of(
            "FREE",
            "REMOVE",
            "DONTFORK",
            "DOFORK",
            "MERGEABLE",
            "UNMERGEABLE",
            "HUGEPAGE",
            "NOHUGEPAGE",
            "DONTDUMP",
            "DODUMP",
            "WIPEONFORK",
            "KEEPONFORK",
            "COLD",
            "PAGEOUT",
            "POPULATE_READ",
            "POPULATE_WRITE",
            "DONTNEED_LOCKED",
            "COLLAPSE");
    name(names, 0, first);
    name(names, 8, second);
    name(names, 102, List.of("GUARD_INSTALL", "GUARD_REMOVE"));
    return names;
  }

  private static void name(List<String> names, int from, List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      names.set(from + i, "MADV_" + words.get(i));
    }
  }

  private final Shape shape;
  private final List<String> symbols;
  private final String unit;
  private final long least;
  private final long most;

  private Format(Shape shape, String... symbols) {
    this(shape, List.of(symbols), "", 0, Long.MAX_VALUE);
  }

  private Format(Shape shape, List<String> symbols, String unit, long least, long most) {
    this.shape = shape;
    this.symbols = symbols;
    this.unit = unit;
    this.least = least;
    this.most = most;
  }

  private Format in(String counted) {
    return new Format(shape, symbols, counted, least, most);
  }

  private Format within(long from, long to) {
    return new Format(shape, symbols, unit, from, to);
  }

  private static Format symbols(String... words) {
    return new Format(Shape.SYMBOL, words);
  }

  /** The format that a template calls {@code name}, as in {@code {va:hex}}. */
  static Format named(String name) {
    return switch (name) {
      case "decimal" -> DECIMAL;
      case "hex" -> HEX;
      case "octal" -> OCTAL;
      case "text" -> TEXT;
      case "flags" -> ENTRY_FLAGS;
      case "prot" -> PROTECTION;
      case "access" -> ACCESS;
      case "privilege" -> PRIVILEGE;
      case "kind" -> FRAME_KIND;
      case "sharing" -> SHARING;
      case "bit" -> ENTRY_BIT;
      case "eviction" -> EVICTION;
      case "strategy" -> STRATEGY;
      case "errno" -> Errno.FORMAT;
      case "signal" -> Signal.FORMAT;
      case "cause" -> Cause.FORMAT;
      case "interrupt" -> INTERRUPT;
      case "advice" -> ADVICE;
      default -> throw new IllegalArgumentException("no format is called " + name);
    };
  }

  static Format symbolsOf(List<String> words) {
    return of(Shape.SYMBOL, words);
  }

  /** A format that somebody else has described. */
  static Format of(Shape shape, List<String> symbols) {
    return new Format(shape, symbols.toArray(String[]::new));
  }

  public Shape shape() {
    return shape;
  }

  /** What a number counts, empty where that is nothing with a name. */
  public String unit() {
    return unit;
  }

  /** The least number that there can be. */
  public long least() {
    return least;
  }

  /** The greatest, {@code Long.MAX_VALUE} for any. */
  public long most() {
    return most;
  }

  /** The words of a symbol format, in the order of their values; empty for other shapes. */
  public List<String> symbols() {
    return symbols;
  }

  /** The value as a person reads it. */
  public String text(long value, Strings strings) {
    return switch (shape) {
      case DECIMAL -> Long.toString(value);
      case HEX -> "0x" + Long.toHexString(value);
      case OCTAL -> "0" + Long.toOctalString(value);
      case BOOLEAN -> value != 0 ? "true" : "false";
      case TEXT -> strings.text((int) value);
      case SYMBOL ->
          value >= 0 && value < symbols.size() ? symbols.get((int) value) : Long.toString(value);
      case ENTRY_FLAGS -> letters(value, ENTRY_LETTERS);
      case PROTECTION -> letters(value, PROTECTION_LETTERS);
    };
  }

  private static String letters(long bits, String letters) {
    var text = new StringBuilder(letters.length());
    for (int i = 0; i < letters.length(); i++) {
      text.append((bits >>> i & 1) != 0 ? letters.charAt(i) : '-');
    }
    return text.toString();
  }
}
