package dev.faultline.web;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.Reference;
import dev.faultline.lab.Laboratory;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.Format;
import dev.faultline.log.RecordType;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.log.Table;
import dev.faultline.machine.mmu.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that is known of one frame: who refers to it, who maps it, and what happened to it. */
final class FrameJson {
  /** So much of its history is told. */
  private static final int MOST_RECORDS = 200;

  /** So many of its mappings are told; the zero page may have far more. */
  private static final int MOST_MAPPINGS = 1_000;

  /** Nothing but the permissions of an entry, as bits 0 to 2. */
  private static final int PERMISSIONS = 7;

  private FrameJson() {}

  static Map<String, @Nullable Object> of(Laboratory laboratory, long ppn) {
    Map<String, @Nullable Object> json = laboratory.ask(kernel -> now(kernel, ppn));
    json.put("history", history(laboratory.log(), ppn));
    return json;
  }

  private static Map<String, @Nullable Object> now(Kernel kernel, long ppn) {
    FrameTable frames = kernel.frames();
    if (ppn < 0 || ppn >= frames.total()) {
      throw new NotFoundException(
          Rule.UNKNOWN_FRAME, "there is no frame " + Numbers.hex(ppn) + " of " + frames.total());
    }
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("ppn", Numbers.hex(ppn));
    if (!frames.isUsed(ppn)) {
      json.put("kind", "free");
      json.put("refs", 0);
      json.put("equation", "0 refs: the frame is free");
      json.put("mappings", List.of());
      json.put("file", null);
      json.put("copiedFrom", null);
      return json;
    }
    json.put("kind", frames.kind(ppn).name().toLowerCase(Locale.ROOT));
    json.put("refs", frames.refs(ppn));
    json.put("equation", equation(frames, ppn));
    json.put("mappings", mappings(kernel, ppn));
    json.put("file", file(kernel, ppn));
    long origin = frames.origin(ppn);
    json.put("copiedFrom", origin == 0 ? null : Numbers.hex(origin));
    return json;
  }

  private static String equation(FrameTable frames, long ppn) {
    long parents = frames.count(ppn, Reference.PARENT);
    return "%d refs = %d maps + %d cache + %d pins%s"
        .formatted(
            frames.refs(ppn),
            frames.count(ppn, Reference.MAPPING),
            frames.count(ppn, Reference.CACHE),
            frames.count(ppn, Reference.PIN),
            parents == 0 ? "" : " + " + parents + " parent table");
  }

  private static List<Map<String, Object>> mappings(Kernel kernel, long ppn) {
    List<Map<String, Object>> mappings = new ArrayList<>();
    kernel
        .reverse()
        .forEachMapping(
            ppn,
            (tables, va, entryAddress, entry) -> {
              if (mappings.size() < MOST_MAPPINGS) {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("pid", tables.space().pid());
                json.put("va", Numbers.hex(va));
                json.put("entryAddress", Numbers.hex(entryAddress));
                json.put("entry", Numbers.hex(entry));
                json.put("flags", Format.ENTRY_FLAGS.text(entry, kernel.strings()));
                long permissions = Entry.isValid(entry) ? entry >>> 1 & PERMISSIONS : 0;
                json.put("permissions", Format.PROTECTION.text(permissions, kernel.strings()));
                mappings.add(json);
              }
            });
    return mappings;
  }

  /** The file page whose bytes the frame has, or had when a private copy was made of it. */
  private static @Nullable Map<String, Object> file(Kernel kernel, long ppn) {
    long inode = kernel.frames().inode(ppn);
    if (inode == 0) {
      return null;
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("inode", inode);
    RegularFile file = kernel.files().inodes().byNumber(inode);
    if (file != null) {
      json.put("path", file.path());
    }
    json.put("page", kernel.frames().page(ppn));
    json.put("cached", kernel.frames().count(ppn, Reference.CACHE) > 0);
    return json;
  }

  /** The last records that changed the frame's row, the newest last, as far as the log reaches. */
  private static List<Map<String, Object>> history(ChangeLog log, long ppn) {
    while (true) {
      try {
        return history(log.cursor(log.oldest()), ppn);
      } catch (SequenceGoneException overtaken) {
        // The log dropped its oldest records meanwhile: it begins later now.
      }
    }
  }

  private static List<Map<String, Object>> history(Cursor cursor, long ppn) {
    Deque<Map<String, Object>> last = new ArrayDeque<>();
    while (cursor.next()) {
      if (isChange(cursor.type()) && cursor.table() == Table.FRAME && cursor.key() == ppn) {
        if (last.size() == MOST_RECORDS) {
          last.removeFirst();
        }
        last.addLast(RecordJson.of(cursor));
      }
    }
    return List.copyOf(last);
  }

  private static boolean isChange(RecordType type) {
    return type == RecordType.INSERT || type == RecordType.UPDATE || type == RecordType.DELETE;
  }
}
