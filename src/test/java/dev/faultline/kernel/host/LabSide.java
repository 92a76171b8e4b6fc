package dev.faultline.kernel.host;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.SignalInfo;
import dev.faultline.kernel.mm.FrameKind;
import dev.faultline.kernel.mm.Reference;
import dev.faultline.kernel.process.MapsText;
import dev.faultline.kernel.process.Process;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Table;
import dev.faultline.machine.mmu.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A program in a laboratory, whose books are proven after each operation. */
final class LabSide implements Side {
  private final TestLab lab = TestLab.lazy();
  private final Map<Integer, Integer> pids = new HashMap<>();
  private final byte[] page = new byte[4096];

  LabSide() {
    pids.put(Comparison.FIRST_PROCESS, lab.spawn());
  }

  private int pid(int process) {
    return Objects.requireNonNull(pids.get(process));
  }

  @Override
  public Answer perform(Operation operation) {
    Outcome outcome = lab.run(Call.command(operation, pid(operation.process())));
    SignalInfo signal = outcome.signal();
    if (signal != null) {
      return Answer.ofSignal(
          "%s %s 0x%x".formatted(signal.signal(), signal.code(), signal.address()));
    }
    if (outcome.errno() != null) {
      return Answer.of(-outcome.errno().number());
    }
    return switch (Objects.requireNonNull(outcome.result())) {
      case Result.Bytes(byte[] bytes) -> new Answer(bytes.length, "", bytes);
      case Result.Pages(byte[] resident) -> new Answer(0, "", resident);
      case Result.Instruction fetched -> Answer.of(0);
      case Result.Pid(int child) -> {
        pids.put((int) operation.argument(0), child);
        yield Answer.of(0);
      }
      case Result other -> Answer.of(other.number());
    };
  }

  @Override
  public Snapshot snapshot(int process) {
    return lab.laboratory().ask(pid(process), this::snapshot);
  }

  private Snapshot snapshot(Kernel kernel, Process process) {
    Map<Long, Long> entries = new HashMap<>();
    process.space().forEachRow((table, key, values) -> {
      if (table == Table.PTE && values[Table.Pte.LEVEL.ordinal()] == 0) {
        entries.put(values[Table.Pte.VA.ordinal()], values[Table.Pte.VALUE.ordinal()]);
      }
    });
    List<Snapshot.Area> areas = new ArrayList<>();
    for (Snapshot.Area area : Snapshot.parse(MapsText.of(process))) {
      int count = (int) (area.end() - area.start() >>> 12);
      char[] pages = new char[count];
      Arrays.fill(pages, Snapshot.ABSENT);
      int[] contents = new int[count];
      for (int i = 0; i < count; i++) {
        Long entry = entries.remove(area.start() + i * 4096L);
        if (entry != null) {
          long ppn = Entry.ppn(entry);
          pages[i] = what(kernel, ppn);
          contents[i] = checksum(kernel, ppn);
        }
      }
      areas.add(area.with(new String(pages), contents));
    }
    if (!entries.isEmpty()) {
      throw new AssertionError("entries outside of areas: " + entries);
    }
    return new Snapshot(areas);
  }

  private static char what(Kernel kernel, long ppn) {
    FrameKind kind = kernel.frames().kind(ppn);
    if (kind == FrameKind.FILE) {
      return Snapshot.FILE;
    }
    return kind == FrameKind.ANON && kernel.frames().count(ppn, Reference.MAPPING) == 1
        ? Snapshot.OWN
        : Snapshot.SHARED;
  }

  private int checksum(Kernel kernel, long ppn) {
    kernel.machine().memory().get(ppn << 12, page, 0, page.length);
    var sum = new CRC32C();
    sum.update(page);
    return (int) sum.getValue();
  }

  @Override
  public byte @Nullable [] file(int number) {
    String path = Call.path(number);
    boolean exists = lab.laboratory().ask(kernel -> kernel.files().find(path) != null);
    return exists ? lab.file(path) : null;
  }
}
