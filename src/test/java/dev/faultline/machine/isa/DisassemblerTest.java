package dev.faultline.machine.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The disassembler against GNU objdump, as recorded in a file of lines "encoding, text" by {@link
 * #main}. Where objdump's habits differ from the manual, the recording was brought to the manual's:
 * objdump writes {@code add} for {@code addi}, and spaces only after tabs.
 */
class DisassemblerTest {
  private static final Path RECORDED = Path.of("src/test/resources/disassembly.txt");
  private static final long SEED = 11;
  private static final int EACH = 2000;

  @Test
  void instruction_isWrittenAsObjdumpDoes() throws IOException {
    List<String> lines = Files.readAllLines(RECORDED);
    assertThat(lines).hasSizeGreaterThan(EACH);
    for (String line : lines) {
      String[] parts = line.split(" ", 2);
      int insn = Integer.parseUnsignedInt(parts[0], 16);
      assertThat(Disassembler.text(insn, 0)).as(parts[0]).isEqualTo(parts[1]);
    }
  }

  @Test
  void everyInstruction_isInTheRecording() throws IOException {
    var seen = new ArrayList<Integer>();
    for (String line : Files.readAllLines(RECORDED)) {
      seen.add(Decoded.op(Decoder.decode(Integer.parseUnsignedInt(line.split(" ", 2)[0], 16))));
    }
    for (int op = 1; op < Op.COUNT; op++) {
      assertThat(seen).as(Encodings.of(op).mnemonic()).contains(op);
    }
  }

  @Test
  void whatIsNoInstruction_isWrittenAsData() {
    assertThat(Disassembler.text(0xffff_ffff, 0)).isEqualTo(".4byte 0xffffffff");
    assertThat(Disassembler.text(0, 0)).isEqualTo(".2byte 0x0");
  }

  @Test
  void target_isAbsolute() {
    assertThat(Disassembler.text(0x0000_0463, 0x1000)).isEqualTo("beqz zero, 0x1008");
    assertThat(Disassembler.text(0xffdf_f06f, 0x1000)).isEqualTo("j 0xffc");
  }

  /** Records anew; wants riscv64-linux-gnu-objdump. */
  public static void main(String[] args) throws IOException, InterruptedException {
    var random = new Random(SEED);
    var instructions = new RandomInstructions(random);
    var source = new StringBuilder();
    for (int i = 0; i < EACH; i++) {
      source.append(".4byte ").append(instructions.next() & 0xffff_ffffL).append('\n');
      source.append(".2byte ").append(instructions.nextCompressed()).append('\n');
    }
    for (int op = 1; op < Op.COUNT; op++) {
      Encoding encoding = Encodings.of(op);
      for (int i = 0; i < 30; i++) {
        int insn = encoding.match() | random.nextInt() & ~encoding.mask();
        // Targets below zero and rounding modes that are reserved are written otherwise.
        boolean isForward = encoding.form() != Form.BRANCH && encoding.form() != Form.J;
        boolean isCsr = encoding.form() == Form.CSR || encoding.form() == Form.CSR_IMMEDIATE;
        boolean isOurs = !isCsr || !Csr.name(insn >>> 20).startsWith("0x");
        if (isOurs && Decoded.op(Decoder.decode(insn)) == op) {
          int shown = isForward ? insn : insn & 0x7fff_ffff;
          source.append(".4byte ").append(shown & 0xffff_ffffL).append('\n');
        }
      }
    }
    Path folder = Files.createTempDirectory("disassembly");
    Path object = folder.resolve("code.o");
    Files.writeString(folder.resolve("code.S"), ".option norelax\n" + source);
    run(List.of("riscv64-linux-gnu-gcc", "-c", "-o", object.toString(), folder + "/code.S"));
    List<String> lines =
        run(List.of("riscv64-linux-gnu-objdump", "-D", "-j", ".text", object.toString()));
    var pattern = Pattern.compile("\\s*([0-9a-f]+):\\s+([0-9a-f]+)\\s+(.*)");
    var recorded = new ArrayList<String>();
    for (String line : lines) {
      var matcher = pattern.matcher(line);
      if (matcher.matches()) {
        long pc = Long.parseLong(matcher.group(1), 16);
        String text = asManual(matcher.group(3), pc);
        // HINTs have names of their own there, and some encodings none.
        if (!text.matches("c\\..*|addi (\\w+), \\1, 0|\\.[24]byte.*")) {
          recorded.add(matcher.group(2) + " " + text);
        }
      }
    }
    Files.write(RECORDED, recorded.stream().distinct().sorted().toList());
  }

  private static final Set<String> IMMEDIATE =
      Set.of(
          "add", "and", "or", "xor", "sll", "srl", "sra", "slt", "sltu", "addw", "sllw", "srlw",
          "sraw", "csrrw", "csrrs", "csrrc", "csrs", "csrc");

  private static String asManual(String text, long pc) {
    String plain = text.replaceAll("\\s*[<#].*", "").replace('\t', ' ').strip();
    String[] parts = plain.split(" ", 2);
    if (parts.length == 1) {
      return plain;
    }
    String[] operands = parts[1].split(",");
    String last = operands[operands.length - 1];
    String name = parts[0];
    boolean isTarget = name.startsWith("b") || name.equals("j") || name.equals("jal");
    if (isTarget) {
      operands[operands.length - 1] =
          "0x" + Long.toHexString(Long.parseUnsignedLong(last.replace("0x", ""), 16) - pc);
    }
    if (IMMEDIATE.contains(name) && last.matches("0x[0-9a-f]+|-?\\d+")) {
      name =
          name.endsWith("w") && !name.startsWith("csr")
              ? name.substring(0, name.length() - 1) + "iw"
              : name.endsWith("u") ? "sltiu" : name + "i";
    }
    return (name + " " + String.join(", ", operands)).replaceAll("^(fs.*i) zero, ", "$1 ");
  }

  private static List<String> run(List<String> command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    process.waitFor();
    return lines;
  }
}
