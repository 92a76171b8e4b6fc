package dev.faultline.recording;

import dev.faultline.log.Column;
import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Story;
import dev.faultline.log.TableShape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a cell is as it is: the change that last set it, the story that this change belongs to, and
 * what lies behind it: the entry that a TLB row was filled from, the frame that an entry maps, the
 * frame that this one's bytes were copied from, the file that they came from.
 */
public final class Why {
  private static final int MOST_LINKS = 16;
  private static final int MOST_STORY = 1 << 17;
  private static final int VALID = 1;
  private static final int PPN_SHIFT = 10;
  private static final long PPN_MASK = (1L << 44) - 1;

  /**
   * One cause.
   *
   * @param because how the cause before it comes to this one; empty for the first
   * @param sequence the change, 0 when the row was there before the recording begins
   * @param firstSequence the first record of the change's operation
   * @param lastSequence the last one
   * @param step the step before the change, in words
   * @param story the operation's story in a sentence
   */
  public record Link(
      String because,
      TableShape table,
      long key,
      Column column,
      long sequence,
      long firstSequence,
      long lastSequence,
      String step,
      String story) {}

  /** A cell to be explained. */
  private record Cell(String because, TableShape table, long key, Column column, long moment) {}

  private final Recording recording;

  private Why(Recording recording) {
    this.recording = recording;
  }

  /** The chain of causes of a cell at a moment; empty when it was never set by then. */
  public static List<Link> of(
      Recording recording, TableShape table, long key, Column column, long moment) {
    var why = new Why(recording);
    List<Link> links = new ArrayList<>();
    @Nullable Cell cell = new Cell("", table, key, column, moment);
    while (cell != null && links.size() < MOST_LINKS) {
      Link link = why.link(cell);
      if (link == null) {
        break;
      }
      links.add(link);
      cell = why.behind(link);
    }
    return links;
  }

  private @Nullable Link link(Cell cell) {
    long sequence =
        new ChangeSearch(recording, cell.table, cell.key, cell.column.ordinal()).last(cell.moment);
    if (sequence == 0) {
      FoldedState state = recording.stateAt(recording.firstMoment());
      return state.rows(cell.table).contains(cell.key)
          ? new Link(cell.because, cell.table, cell.key, cell.column, 0, 0, 0, "", "")
          : null;
    }
    return told(cell, sequence);
  }

  /** The operation around a change, told. */
  private Link told(Cell cell, long sequence) {
    Player player = recording.player(sequence);
    LogRecord change = player.current();
    boolean found =
        change != null && change.type() == RecordType.OPERATION
            || player.seekPrevious(Player.Mark.STORY);
    long first = found ? player.sequence() : recording.firstMoment() + 1;
    if (!found) {
      player.seek(first);
    }
    var story = new Story();
    String step = "";
    LogRecord record = player.current();
    for (int heard = 0; record != null && heard < MOST_STORY; heard++) {
      story.hear(record);
      if (record.type() == RecordType.STEP && record.sequence() < sequence) {
        step = record.text();
      }
      if (record.type() == RecordType.OUTCOME) {
        break;
      }
      record = player.next();
    }
    return new Link(
        cell.because,
        cell.table,
        cell.key,
        cell.column,
        sequence,
        first,
        player.sequence(),
        step,
        story.sentence());
  }

  private @Nullable Cell behind(Link link) {
    long at = link.sequence == 0 ? recording.firstMoment() : link.sequence;
    FoldedState state = recording.stateAt(at);
    if (!state.rows(link.table).contains(link.key)) {
      return null; // the change was its deletion
    }
    return switch (link.table.label()) {
      case "tlb" -> cell("filled from this entry", "pte", value(state, link, "entry"), "value", at);
      case "pte" -> {
        long entry = value(state, link, "value");
        yield (entry & VALID) == 0
            ? null
            : cell("maps this frame", "frame", entry >>> PPN_SHIFT & PPN_MASK, "kind", at);
      }
      case "cached_page" ->
          cell("lies in this frame", "frame", value(state, link, "ppn"), "kind", at);
      case "frame" -> behindFrame(state, link, at);
      case "vma", "descriptor" ->
          cell("of this file", "file", value(state, link, "inode"), "size", at);
      default -> null;
    };
  }

  private @Nullable Cell behindFrame(FoldedState state, Link link, long moment) {
    long origin = value(state, link, "origin");
    // The frame of the zero page is its own beginning, and no frame is a copy of itself.
    if (origin > 0 && origin != link.key) {
      return cell("its bytes were copied from this frame", "frame", origin, "kind", moment);
    }
    long inode = value(state, link, "inode");
    return inode > 0
        ? cell(
            "its bytes are page %d of this file".formatted(value(state, link, "page")),
            "file",
            inode,
            "size",
            moment)
        : null;
  }

  /** A column of the row that a link is about; 0 when the recording's schema has none. */
  private static long value(FoldedState state, Link link, String column) {
    Rows rows = state.rows(link.table);
    return link.table.columns().stream()
        .filter(candidate -> candidate.label().equals(column))
        .findFirst()
        .map(candidate -> rows.get(link.key, candidate))
        .orElse(0L);
  }

  private @Nullable Cell cell(String because, String label, long key, String column, long moment) {
    TableShape table = recording.header().schema().table(label).orElse(null);
    if (table == null || key == 0) {
      return null;
    }
    return table.columns().stream()
        .filter(candidate -> candidate.label().equals(column))
        .findFirst()
        .map(found -> new Cell(because, table, key, found, moment))
        .orElse(null);
  }
}
