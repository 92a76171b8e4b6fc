package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.recording.RecordedRuns;
import dev.faultline.recording.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCommandLogTest extends CommandLogTest {
  @TempDir private Path directory = Path.of("");
  private int made;

  @Override
  CommandLog make() {
    return FileCommandLog.create(
        directory.resolve("log" + made++), RecordedRuns.header(), Room.ENDLESS);
  }

  @Test
  void fileOpenedAgain_goesOn() {
    fill(make(), 5).close();
    FileCommandLog again = FileCommandLog.open(directory.resolve("log0"), Room.ENDLESS);
    assertThat(again.torn()).isZero();
    assertThat(again.header().name()).isEqualTo("a run");
    again.append(6, new byte[] {6});
    assertThat(read(again, 0)).containsExactly(1, 2, 3, 4, 5, 6);
    again.close();
  }

  @Test
  void tailThatIsTorn_isCutOffAndSaid() throws IOException {
    fill(make(), 5).close();
    Path file = directory.resolve("log0");
    byte[] whole = Files.readAllBytes(file);
    for (int missing = 1; missing <= 17; missing++) {
      Files.write(file, Arrays.copyOf(whole, whole.length - missing));
      FileCommandLog again = FileCommandLog.open(file, Room.ENDLESS);
      assertThat(again.torn()).isEqualTo(17 - missing);
      assertThat(read(again, 0)).containsExactly(1, 2, 3, 4);
      again.append(5, new byte[] {9});
      assertThat(read(again, 0)).containsExactly(1, 2, 3, 4, 9);
      again.close();
    }
  }

  @Test
  void damagedEntry_endsTheLogBeforeIt() throws IOException {
    fill(make(), 5).close();
    Path file = directory.resolve("log0");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 20] ^= 1;
    Files.write(file, bytes);
    FileCommandLog again = FileCommandLog.open(file, Room.ENDLESS);
    assertThat(again.head()).isEqualTo(3);
    again.close();
  }

  @Test
  void otherFile_isRefusedWithItsName() throws IOException {
    Path file = Files.writeString(directory.resolve("other"), "something else");
    assertThatThrownBy(() -> FileCommandLog.open(file, Room.ENDLESS))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("other")
        .hasMessageContaining("FAULTLN");
  }

  @Test
  void writeThatFails_isAnErrorAndLeavesTheLogAsItWas() {
    CommandLog closed = fill(make(), 2);
    closed.close();
    assertThatThrownBy(() -> closed.append(3, new byte[1])).isInstanceOf(StorageException.class);
    assertThat(closed.head()).isEqualTo(2);
  }
}
