package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives made here byte by byte, and unpacked into a laboratory. */
class ArchiveTest {
  private static final long MOST = 1 << 20;

  private final TestLab lab = TestLab.lazy();

  private static byte[] entry(char type, String name, String target, byte[] contents) {
    byte[] block = new byte[512 + (contents.length + 511 & -512)];
    put(block, 0, name);
    put(block, 100, "0000755");
    put(block, 124, "%011o".formatted(contents.length));
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 157, target);
    put(block, 257, "ustar");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += block[i] & 0xff;
    }
    put(block, 148, "%06o".formatted(sum));
    block[154] = 0;
    System.arraycopy(contents, 0, block, 512, contents.length);
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] someTar() {
    return join(
        entry('5', "./dir/", "", new byte[0]),
        entry('0', "./dir/file", "", text("contents")),
        entry('2', "link", "dir", new byte[0]),
        entry('1', "again", "./dir/file", new byte[0]),
        new byte[1024]);
  }

  private void unpack(String name, byte[] bytes) throws ArchiveException {
    Outcome outcome = lab.run(new Command.Unpack(Archive.read(name, bytes, MOST)));
    assertThat(outcome.errno()).as(outcome.story()).isNull();
  }

  private static byte[] packed(String name, byte[] tar) throws IOException {
    var packed = new ByteArrayOutputStream();
    if (name.endsWith(".tar")) {
      return tar;
    }
    try (var out =
        name.endsWith("gz")
            ? new GZIPOutputStream(packed)
            : new XZOutputStream(packed, new LZMA2Options(1))) {
      out.write(tar);
    }
    return packed.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tar", "a.tar.gz", "a.tgz", "a.tar.xz"})
  void tar_putsFilesAndLinks(String name) throws Exception {
    unpack(name, packed(name, someTar()));
    assertThat(lab.file("/dir/file")).isEqualTo(text("contents"));
    assertThat(lab.file("/again")).isEqualTo(text("contents"));
    int pid = lab.spawn();
    lab.open(pid, "/link/file", TestLab.RDONLY);
  }

  @Test
  void debianPackage_isUnpackedBesideTheLinksOfUsr() throws Exception {
    byte[] data = packed("x.xz", join(entry('0', "./usr/lib/x", "", text("x")), new byte[1024]));
    byte[] control = packed("x.xz", new byte[1024]);
    byte[] deb =
        join(
            text("!<arch>\n"),
            member("debian-binary", 4),
            text("2.0\n"),
            member("control.tar.xz", control.length),
            Arrays.copyOf(control, control.length + (control.length & 1)),
            member("data.tar.xz", data.length),
            data);
    unpack("x.deb", deb);
    assertThat(lab.file("/usr/lib/x")).isEqualTo(text("x"));
    lab.open(lab.spawn(), "/lib/x", TestLab.RDONLY);
  }

  private static byte[] member(String name, int size) {
    return text("%-16s%-12s%-6s%-6s%-8s%-10d`\n".formatted(name, "0", "0", "0", "100644", size));
  }

  @Test
  void longNamesOfGnuAndPosix_areWhole() throws Exception {
    String name = "n".repeat(150);
    String record = " path=" + name + "2\n";
    byte[] extended = text((record.length() + 3) + record);
    unpack(
        "a.tar",
        join(
            entry('L', "././@LongLink", "", text(name + "\0")),
            entry('0', name.substring(0, 99), "", text("1")),
            entry('x', "pax", "", extended),
            entry('0', "short", "", text("2")),
            new byte[1024]));
    assertThat(lab.file("/" + name)).isEqualTo(text("1"));
    assertThat(lab.file("/" + name + "2")).isEqualTo(text("2"));
  }

  @Test
  void pathThatLeadsUpwards_isRefused() {
    byte[] tar = join(entry('0', "../../etc/passwd", "", text("x")), new byte[1024]);
    assertThatThrownBy(() -> Archive.read("a.tar", tar, MOST))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("upwards");
  }

  @Test
  void moreThanTheLaboratoryHolds_isALimit() {
    byte[] tar = join(entry('0', "large", "", new byte[4096]), new byte[1024]);
    assertThatThrownBy(() -> Archive.read("a.tar", tar, 4095))
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("4095");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tar", "a.tar.gz", "a.tar.xz", "a.deb", "a.zip"})
  void whatIsNoArchive_isRefused(String name) {
    byte[] noise = TestLab.pattern(2000);
    assertThatThrownBy(() -> Archive.read(name, noise, MOST)).isInstanceOf(ArchiveException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 513, 700, 1025})
  void truncatedTar_isRefused(int length) {
    byte[] tar = Arrays.copyOf(someTar(), length);
    assertThatThrownBy(() -> Archive.read("a.tar", tar, MOST)).isInstanceOf(ArchiveException.class);
  }
}
