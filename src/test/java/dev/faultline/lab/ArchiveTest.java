package dev.faultline.lab;

import static dev.faultline.Tar.END;
import static dev.faultline.Tar.entry;
import static dev.faultline.Tar.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.faultline.log.Errno;
import dev.faultline.recording.BadRecordingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives made here byte by byte, and unpacked into a laboratory. */
@Execution(ExecutionMode.CONCURRENT)
class ArchiveTest {
  private final TestLab lab = TestLab.lazy();

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
        END);
  }

  private void unpack(String name, byte[] bytes) {
    Outcome outcome = lab.run(new Command.Unpack(name, bytes));
    assertThat(outcome.errno()).as(outcome.story()).isNull();
  }

  /** Says what was wrong, and checks that the laboratory is as it was. */
  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String name, byte[] bytes) {
    long before = lab.laboratory().log().head();
    Throwable refused = catchThrowable(() -> lab.run(new Command.Unpack(name, bytes)));
    assertThat(lab.laboratory().log().head()).isEqualTo(before);
    return assertThat(refused)
        .satisfies(error -> assertThat(error.getMessage()).hasSizeLessThan(5_000));
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

  /** Few entries, but each of their paths leads forth and back sixty thousand times. */
  @Test
  void linksOfManyNames_areFollowedOnlySoFar() {
    byte[] forthAndBack = text("d/../".repeat(800));
    List<byte[]> parts = new ArrayList<>();
    parts.add(entry('5', "./d/", "", new byte[0]));
    parts.add(entry('K', "././@LongLink", "", forthAndBack));
    parts.add(entry('2', "l", "", new byte[0]));
    for (int i = 0; i < 400; i++) {
      parts.add(entry('0', "l/".repeat(40) + i, "", new byte[0]));
    }
    parts.add(END);
    Outcome outcome = lab.run(new Command.Unpack("links.tar", join(parts.toArray(byte[][]::new))));
    assertThat(outcome.errno()).isEqualTo(Errno.ELOOP);
    unpack("a.tar", someTar());
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
    byte[] data = packed("x.xz", join(entry('0', "./usr/lib/x", "", text("x")), END));
    byte[] control = packed("x.xz", END);
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
            END));
    assertThat(lab.file("/" + name)).isEqualTo(text("1"));
    assertThat(lab.file("/" + name + "2")).isEqualTo(text("2"));
  }

  @ParameterizedTest
  @CsvSource({
    "../../etc/passwd, upwards",
    "a/../../b, upwards",
    "/a/.., upwards",
    "'', empty name",
  })
  void pathThatNobodyMayPut_isRefused(String path, String why) {
    assertRefused("a.tar", join(entry('0', path, "", text("x")), END))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining(why);
    assertRefused("a.tar", join(entry('1', "fine", path, new byte[0]), END))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining(why);
  }

  @Test
  void longOrDeepPath_isRefused() {
    byte[] deep = text("a/".repeat(65));
    assertRefused("a.tar", join(entry('L', "", "", deep), entry('0', "x", "", deep), END))
        .hasMessageContaining("more than 64 directories");
    byte[] name = text("a".repeat(256));
    assertRefused("a.tar", join(entry('L', "", "", name), entry('0', "x", "", name), END))
        .hasMessageContaining("more than 255 bytes");
    byte[] path = text("a/".repeat(1 << 18));
    assertRefused("a.tar", join(entry('L', "", "", path), entry('0', "x", "", name), END))
        .hasMessageContaining("more than 4094 bytes");
  }

  @Test
  void linkThatLeadsOut_endsAtTheRootOfTheLaboratory() {
    unpack(
        "a.tar",
        join(
            entry('2', "out", "../../../..", new byte[0]),
            entry('0', "out/inside", "", text("x")),
            END));
    assertThat(lab.file("/inside")).isEqualTo(text("x"));
  }

  @Test
  void hardLinkToNothing_endsThereWithItsError() {
    byte[] tar = join(entry('0', "a", "", text("x")), entry('1', "b", "missing", new byte[0]), END);
    Outcome outcome = lab.run(new Command.Unpack("a.tar", tar));
    assertThat(outcome.errno()).isEqualTo(Errno.ENOENT);
    assertThat(lab.file("/a")).isEqualTo(text("x"));
  }

  @Test
  void filesOfMoreBytesThanALaboratoryHolds_areALimit() throws IOException {
    byte[] huge = entry('0', "large", "", new byte[0]);
    put(huge, 124, "77777777777");
    put(huge, 148, "        ");
    int sum = 0;
    for (byte b : huge) {
      sum += b & 0xff;
    }
    put(huge, 148, "%06o".formatted(sum));
    huge[154] = 0;
    assertRefused("a.tar", join(huge, END))
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("bytes of files");
    byte[] many = new byte[32 << 20];
    byte[] bomb =
        packed("a.xz", join(entry('0', "1", "", many), entry('0', "2", "", many), someTar()));
    assertThat(bomb).hasSizeLessThan(1 << 16);
    assertRefused("a.tar.xz", bomb)
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("bytes of files");
  }

  @Test
  void headersWithoutEnd_areRefused() throws IOException {
    byte[] header = entry('g', "x", "", new byte[1 << 20]);
    byte[][] all = new byte[65][];
    Arrays.fill(all, header);
    assertRefused("a.tar.xz", packed("a.xz", join(all)))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("bytes of headers");
  }

  @Test
  void moreFilesOrDirectoriesThanALaboratoryHolds_areALimit() throws IOException {
    var files = new ByteArrayOutputStream();
    for (int i = 0; i <= Limits.DEFAULT.files(); i++) {
      files.writeBytes(entry('0', "f" + i, "", new byte[0]));
    }
    assertRefused("a.tgz", packed("a.gz", join(files.toByteArray(), END)))
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("files");
    var directories = new ByteArrayOutputStream();
    for (int i = 0; i < 1_500; i++) {
      directories.writeBytes(entry('5', i + "/a".repeat(45), "", new byte[0]));
    }
    assertRefused("a.tgz", packed("a.gz", join(directories.toByteArray(), END)))
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("paths and names");
  }

  @Test
  void packageInAPackage_isRefused() {
    byte[] inner = join(text("!<arch>\n"), member("data.tar.deb", 0));
    assertRefused("a.deb", inner)
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("data.tar.deb");
  }

  @Test
  void truncatedPackage_isRefused() {
    assertRefused("a.deb", join(text("!<arch>\n"), member("data.tar", 4_000_000), new byte[2000]))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("too early");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tar", "a.tar.gz", "a.tar.xz", "a.deb", "a.zip", ""})
  void whatIsNoArchive_isRefused(String name) {
    assertRefused(name, TestLab.pattern(2000)).isInstanceOf(ArchiveException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tar", "a.tar.gz", "a.tar.xz"})
  void truncatedArchive_isRefusedWhereverItEnds(String name) throws IOException {
    byte[] whole = packed(name, someTar());
    int last = name.equals("a.tar") ? whole.length - 1024 : whole.length - 1;
    for (int length = 0; length <= last; length += length < last - 20 ? 37 : 1) {
      assertRefused(name, Arrays.copyOf(whole, length))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(ArchiveException.class);
    }
  }

  @Test
  void recordedArchiveThatCannotBeUnpacked_endsTheRepetition() {
    byte[] entry = new Logged.Asked(new Command.Unpack("a.tar", new byte[7])).encode();
    var repetition = new Repetition(lab.laboratory(), Long.MAX_VALUE, false, Again.Origin.HERE);
    repetition.take(entry);
    assertThatThrownBy(repetition::finish)
        .isInstanceOf(BadRecordingException.class)
        .hasMessageContaining("too early");
  }
}
