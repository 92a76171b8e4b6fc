package dev.faultline.web;

import dev.faultline.kernel.Disassembly;
import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.process.Process;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A process's instructions as JSON, a row for each. */
final class CodeJson {
  private CodeJson() {}

  /**
   * @param address where to begin; null for where the process stands
   */
  static Map<String, Object> of(Kernel kernel, Process process, @Nullable Long address, int count) {
    long pc = kernel.registers(process).pc();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Disassembly.Line line :
        Disassembly.of(kernel, process, address == null ? pc : address, count)) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("address", Numbers.hex(line.address()));
      row.put("bytes", HexFormat.of().formatHex(line.bytes()));
      row.put("assembly", line.assembly());
      row.put("pc", line.address() == pc);
      rows.add(row);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("pid", process.pid());
    json.put("pc", Numbers.hex(pc));
    json.put("rows", rows);
    return json;
  }
}
