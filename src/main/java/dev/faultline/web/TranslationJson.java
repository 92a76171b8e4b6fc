package dev.faultline.web;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Format;
import dev.faultline.log.StepKind;
import dev.faultline.log.Strings;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.WalkObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the steps of one walk as JSON. */
final class TranslationJson implements WalkObserver {
  private final List<Map<String, Object>> steps = new ArrayList<>();
  private final Strings strings;
  private @Nullable String fault;

  private TranslationJson(Strings strings) {
    this.strings = strings;
  }

  static Map<String, @Nullable Object> of(Kernel kernel, Process process, long va, Access access) {
    var collected = new TranslationJson(kernel.strings());
    long physical = kernel.walk(process, va, access, collected);
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("address", Numbers.hex(va));
    json.put("access", access.name().toLowerCase(Locale.ROOT));
    json.put("root", Numbers.hex(process.space().tables().root()));
    json.put("asid", process.space().asid());
    json.put("steps", collected.steps);
    json.put("physical", physical < 0 ? null : Numbers.hex(physical));
    json.put("ppn", physical < 0 ? null : Numbers.hex(physical >>> 12));
    json.put("fault", collected.fault);
    return json;
  }

  private Map<String, Object> step(int level, int index, long address, long value) {
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("level", level);
    step.put("index", index);
    step.put("address", Numbers.hex(address));
    step.put("value", Numbers.hex(value));
    step.put("flags", Format.ENTRY_FLAGS.text(value, strings));
    step.put("ppn", Numbers.hex(Entry.ppn(value)));
    steps.add(step);
    return step;
  }

  @Override
  public void reads(StepKind kind, int level, int index, long address, long value, long ppn) {
    step(level, index, address, value)
        .put("verdict", kind == StepKind.READS_LEAF ? "leaf" : "pointer");
  }

  @Override
  public void unusable(int level, int index, long address, long value, int bit) {
    String name = Format.ENTRY_BIT.text(bit, strings);
    step(level, index, address, value).put("verdict", "page fault: " + name);
    fault = "the entry at level " + level + " cannot be used because of " + name;
  }

  @Override
  public void unreadable(int level, int index, long address) {
    fault = "the entry at level " + level + " lies where there is no memory";
  }

  @Override
  public void forbids(int bit, long flags, Access access) {
    String name = Format.ENTRY_BIT.text(bit, strings);
    steps.getLast().put("verdict", "page fault: " + name);
    fault = "bit " + name + " of the leaf forbids this access";
  }

  @Override
  public void notCanonical(int top, long va) {
    fault = "the address is not canonical: bits 63 to " + top + " differ";
  }
}
