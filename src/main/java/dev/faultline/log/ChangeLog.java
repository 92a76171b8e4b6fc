package dev.faultline.log;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The log of one laboratory: records in order, each with a sequence number from 1 on.
 *
 * <p>A record is a header word and some value words in a chunk of {@code long}s; nothing is
 * allocated for it. The header holds the record's {@link RecordType}, the ordinal of its table,
 * step or operation, its length in words and, for an update, which columns it carries:
 *
 * <pre>
 *   bits 0-2 type | 3-10 ordinal | 11-18 length in words | 19-63 columns of an update
 *   STRING     number
 *   OPERATION  arguments...
 *   STEP       arguments...
 *   INSERT     key, value of every column
 *   UPDATE     key, then before and after of each column that the header names
 *   DELETE     key, value that every column had
 *   OUTCOME    result, errno, signal, signal's code, address
 * </pre>
 *
 * <p>One thread writes, under the laboratory's lock. Records become visible to readers on other
 * threads when {@link #publish} is called, at the end of each operation. When the log holds more
 * than its limit, whole chunks leave at the old end and are folded into a base state, so that a
 * reader can still be given a snapshot.
 */
public final class ChangeLog {
  /** Words of a full chunk: 64 KiB. */
  static final int CHUNK_WORDS = 8192;

  /** What new strings read as when there is no room for more. */
  private static final String ELIDED = "\u2026";

  private static final int FIRST_CHUNK_WORDS = 512;
  private static final int LONGEST_RECORD = 64;

  static final int TYPE_BITS = 3;
  static final int ORDINAL_BITS = 9;
  static final int LENGTH_BITS = 8;
  static final int ORDINAL_SHIFT = TYPE_BITS;
  static final int LENGTH_SHIFT = ORDINAL_SHIFT + ORDINAL_BITS;
  static final int COLUMNS_SHIFT = LENGTH_SHIFT + LENGTH_BITS;

  /** A run of records; {@code words} up to {@code used} never change once they are published. */
  static final class Chunk {
    final long[] words;
    final long firstSequence;
    int used;

    Chunk(int capacity, long firstSequence) {
      this.words = new long[capacity];
      this.firstSequence = firstSequence;
    }
  }

  /**
   * What readers may see: replaced as a whole, so that one volatile read gives a consistent view.
   */
  record View(Chunk[] chunks, long head) {}

  private final InternedStrings strings = new InternedStrings();
  private int mostStrings = Integer.MAX_VALUE;
  private long mostCharacters = Long.MAX_VALUE;
  private final int mostChunks;
  private final FoldedState base;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile View view;
  private volatile boolean closed;

  private Chunk[] chunks;
  private Chunk last;
  private int recordStart;
  private long sequence;

  private final boolean forgets;

  /** Strings with lower numbers have their record. Number 0 needs none. */
  private int introduced = 1;

  /**
   * @param mostWords how many words (of 8 bytes) of records to keep before the oldest are folded
   *     away
   */
  public ChangeLog(int mostWords) {
    this(mostWords, false);
  }

  private ChangeLog(int mostWords, boolean forgets) {
    this.forgets = forgets;
    mostChunks = Math.max(2, mostWords / CHUNK_WORDS);
    last = new Chunk(FIRST_CHUNK_WORDS, 1);
    chunks = new Chunk[] {last};
    base = new FoldedState(Schema.CURRENT, strings);
    view = new View(chunks, 0);
  }

  /**
   * A log that forgets each record as soon as it is complete, so that one can measure what a
   * machine costs without its log. It has nothing to read.
   */
  public static ChangeLog forgetting() {
    return new ChangeLog(0, true);
  }

  public Strings strings() {
    return strings;
  }

  /**
   * How many strings the log has taken in, and their characters: what a laboratory has to bound.
   */
  public int stringCount() {
    return strings.count();
  }

  public long stringCharacters() {
    return strings.characters();
  }

  /** The sequence number of the last published record, 0 for none. */
  public long head() {
    return view.head;
  }

  /** The sequence number of the last record written, published or not; for the writer. */
  public long written() {
    return sequence;
  }

  /**
   * The number of {@code text}, with a record that introduces it when it is new. Whoever writes it
   * into a row keeps the number: once strings are elided, asking again may give another one.
   */
  public long intern(String text) {
    int number = strings.find(text);
    if (number < 0 && isElided(text)) {
      return intern(ELIDED);
    }
    if (number < 0) {
      number = strings.add(text);
      introduceStrings();
    }
    return number;
  }

  private boolean isElided(String text) {
    boolean isFull =
        strings.count() >= mostStrings || strings.characters() + text.length() > mostCharacters;
    return isFull && !text.equals(ELIDED);
  }

  /** New strings read as an ellipsis once there are so many, or so many characters of them. */
  public void elideBeyond(int count, long characters) {
    mostStrings = count;
    mostCharacters = characters;
  }

  /**
   * The number of a text that the operation to be begun names. A new text's record stands right
   * after the operation's own, so that the operation is the first of its records.
   */
  public long internForOperation(String text) {
    int number = strings.find(text);
    return number < 0 ? strings.add(text) : number;
  }

  private void introduceStrings() {
    while (introduced < strings.count()) {
      begin(RecordType.STRING, 0, 0).value(introduced++).end();
    }
  }

  public void operation(OperationKind kind) {
    begin(RecordType.OPERATION, kind.ordinal(), 0).end();
    introduceStrings();
  }

  public void operation(OperationKind kind, long a) {
    begin(RecordType.OPERATION, kind.ordinal(), 0).value(a).end();
    introduceStrings();
  }

  public void operation(OperationKind kind, long a, long b) {
    begin(RecordType.OPERATION, kind.ordinal(), 0).value(a).value(b).end();
    introduceStrings();
  }

  public void operation(OperationKind kind, long a, long b, long c) {
    begin(RecordType.OPERATION, kind.ordinal(), 0).value(a).value(b).value(c).end();
    introduceStrings();
  }

  public void operation(OperationKind kind, long a, long b, long c, long d) {
    begin(RecordType.OPERATION, kind.ordinal(), 0).value(a).value(b).value(c).value(d).end();
  }

  /** Ends the operation: how it came out. {@code code} and {@code address} belong to a signal. */
  public void outcome(long result, long errno, Signal signal, Signal.Code code, long address) {
    begin(RecordType.OUTCOME, 0, 0)
        .value(result)
        .value(errno)
        .value(signal.ordinal())
        .value(code.ordinal())
        .value(address)
        .end();
  }

  public void step(StepKind kind) {
    beginStep(kind, 0);
  }

  public void step(StepKind kind, long a) {
    int at = beginStep(kind, 1);
    last.words[at] = a;
  }

  public void step(StepKind kind, long a, long b) {
    int at = beginStep(kind, 2);
    last.words[at] = a;
    last.words[at + 1] = b;
  }

  public void step(StepKind kind, long a, long b, long c) {
    int at = beginStep(kind, 3);
    last.words[at] = a;
    last.words[at + 1] = b;
    last.words[at + 2] = c;
  }

  public void step(StepKind kind, long a, long b, long c, long d) {
    int at = beginStep(kind, 4);
    last.words[at] = a;
    last.words[at + 1] = b;
    last.words[at + 2] = c;
    last.words[at + 3] = d;
  }

  public void step(StepKind kind, long a, long b, long c, long d, long e) {
    int at = beginStep(kind, 5);
    last.words[at] = a;
    last.words[at + 1] = b;
    last.words[at + 2] = c;
    last.words[at + 3] = d;
    last.words[at + 4] = e;
  }

  public void step(StepKind kind, long a, long b, long c, long d, long e, long f) {
    int at = beginStep(kind, 6);
    last.words[at] = a;
    last.words[at + 1] = b;
    last.words[at + 2] = c;
    last.words[at + 3] = d;
    last.words[at + 4] = e;
    last.words[at + 5] = f;
  }

  /** Most records are steps, so their whole header is written at once. Gives where values go. */
  private int beginStep(StepKind kind, int values) {
    begin(RecordType.STEP, kind.ordinal(), (long) (1 + values) << LENGTH_SHIFT);
    int at = last.used;
    last.used = forgets ? recordStart : at + values;
    sequence++;
    return at;
  }

  /** Starts a row's insertion: a {@link #value} for every column follows, then {@link #end}. */
  public ChangeLog insert(Table table, long key) {
    return begin(RecordType.INSERT, table.ordinal(), 0).value(key);
  }

  /**
   * Starts a row's deletion: a {@link #value} for every column, as it was, follows, then {@link
   * #end}.
   */
  public ChangeLog delete(Table table, long key) {
    return begin(RecordType.DELETE, table.ordinal(), 0).value(key);
  }

  /**
   * Starts a row's update: {@link #column} for each column that changes, in their order, then
   * {@link #end}.
   */
  public ChangeLog update(Table table, long key) {
    return begin(RecordType.UPDATE, table.ordinal(), 0).value(key);
  }

  public ChangeLog value(long value) {
    last.words[last.used++] = value;
    return this;
  }

  /** One column of an update; a column whose value stays is left out. */
  public ChangeLog column(Column column, long before, long after) {
    if (before != after) {
      last.words[recordStart] |= 1L << COLUMNS_SHIFT + column.ordinal();
      last.words[last.used++] = before;
      last.words[last.used++] = after;
    }
    return this;
  }

  /** Ends a record. An update in which no column changed leaves nothing behind. */
  public void end() {
    long header = last.words[recordStart];
    int length = last.used - recordStart;
    if (type(header) == RecordType.UPDATE.ordinal() && header >>> COLUMNS_SHIFT == 0) {
      last.used = recordStart;
      return;
    }
    last.words[recordStart] = header | (long) length << LENGTH_SHIFT;
    sequence++;
    if (forgets) {
      last.used = recordStart;
    }
  }

  /** Makes what was written visible to readers. */
  public void publish() {
    view = new View(chunks, forgets ? 0 : sequence);
    if (waiting.get() > 0) {
      synchronized (waiting) {
        waiting.notifyAll();
      }
    }
  }

  /**
   * Waits until records after {@code sequence} are published, or {@code millis} milliseconds have
   * passed, or the log is closed.
   *
   * @return false when nothing happened in this time
   */
  public boolean await(long sequence, long millis) throws InterruptedException {
    synchronized (waiting) {
      waiting.incrementAndGet();
      try {
        if (head() <= sequence && !closed) {
          waiting.wait(millis);
        }
        return head() > sequence || closed;
      } finally {
        waiting.decrementAndGet();
      }
    }
  }

  /** Ends every wait, now and from now on: nothing more will come. */
  public void close() {
    closed = true;
    synchronized (waiting) {
      waiting.notifyAll();
    }
  }

  public boolean isClosed() {
    return closed;
  }

  /** The records after {@code sequence}, as far as they are published. */
  public Cursor cursor(long sequence) {
    return new Cursor(this, sequence);
  }

  /** The first sequence number after which records can still be read. */
  public long oldest() {
    return view.chunks[0].firstSequence - 1;
  }

  /**
   * A copy of the state at the oldest moment that the log still reaches; fold a cursor into it to
   * move on.
   */
  public FoldedState oldestState() {
    synchronized (base) {
      return base.copy();
    }
  }

  /** What to throw when a reader wants a moment that the log does not reach back to. */
  public SequenceGoneException gone(long wanted) {
    return new SequenceGoneException(wanted, oldest());
  }

  View view() {
    return view;
  }

  private ChangeLog begin(RecordType type, int ordinal, long more) {
    if (last.words.length - last.used < LONGEST_RECORD) {
      roll();
    }
    recordStart = last.used;
    last.words[last.used++] = type.ordinal() | (long) ordinal << ORDINAL_SHIFT | more;
    return this;
  }

  private void roll() {
    int dropped = chunks.length >= mostChunks ? 1 : 0;
    if (dropped > 0) {
      synchronized (base) {
        base.apply(chunks[0]);
      }
    }
    last = new Chunk(CHUNK_WORDS, sequence + 1);
    Chunk[] next = Arrays.copyOfRange(chunks, dropped, chunks.length + 1);
    next[next.length - 1] = last;
    chunks = next;
  }

  static int type(long header) {
    return (int) (header & (1 << TYPE_BITS) - 1);
  }

  static int ordinal(long header) {
    return (int) (header >>> ORDINAL_SHIFT & (1 << ORDINAL_BITS) - 1);
  }

  static int length(long header) {
    return (int) (header >>> LENGTH_SHIFT & (1 << LENGTH_BITS) - 1);
  }
}
