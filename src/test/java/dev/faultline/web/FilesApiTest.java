package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class FilesApiTest extends ApiTest {
  @Test
  void putFile_comesBackByteForByte() {
    TestLab lab = api.open();
    byte[] all = TestLab.bytes(3 * TestLab.PAGE + 17);
    Answer put = lab.put("/usr/lib/deep/nested.so", all).is(201);
    assertThat(put.json().get("command").get("do").asString()).isEqualTo("put");
    assertThat(put.json().get("story").asString()).contains("/usr/lib/deep/nested.so");
    Answer got = lab.get("/files/usr/lib/deep/nested.so").is(200);
    assertThat(got.bytes()).isEqualTo(all);
    assertThat(got.header("Content-Type")).isEqualTo("application/octet-stream");
  }

  @Test
  void listing_hasPathSizeModeInodeAndLinks() {
    TestLab lab = api.open();
    api.put(lab.at("/files/bin/tool?mode=0755"), new byte[5]).is(201);
    api.put(lab.at("/files/data"), new byte[0]).is(201);
    JsonNode files = lab.get("/files").is(200).json();
    assertThat(files).hasSize(2);
    JsonNode tool = files.get(0);
    assertThat(tool.get("path").asString()).isEqualTo("/bin/tool");
    assertThat(tool.get("size").asInt()).isEqualTo(5);
    assertThat(tool.get("mode").asString()).isEqualTo("0755");
    assertThat(tool.get("links").asInt()).isEqualTo(1);
    assertThat(lab.rows("file?path=/bin/tool").getFirst().get("inode"))
        .isEqualTo(tool.get("inode"));
    assertThat(files.get(1).get("mode").asString()).isEqualTo("0644");
  }

  @Test
  void putAgain_replacesTheFileAndAnswers200() {
    TestLab lab = api.open();
    lab.put("/a", new byte[] {1}).is(201);
    lab.put("/a", new byte[] {2, 3}).is(200);
    assertThat(lab.get("/files/a").bytes()).containsExactly(2, 3);
    assertThat(lab.get("/files").json()).hasSize(1);
  }

  @Test
  void deletedFile_isUnknown() {
    TestLab lab = api.open();
    lab.put("/a", new byte[] {1}).is(201);
    api.delete(lab.at("/files/a")).is(200);
    lab.get("/files/a").problem("unknown-file");
    api.delete(lab.at("/files/a")).problem("unknown-file");
    assertThat(lab.get("/files").json()).isEmpty();
    assertThat(lab.auditHolds()).isTrue();
  }

  @Test
  void puttingAndDeleting_standInTheLog() {
    TestLab lab = api.open();
    JsonNode put = lab.put("/a", new byte[] {1}).json();
    JsonNode first = lab.changes(put.get("firstSeq").asLong() - 1, 1).getFirst();
    assertThat(first.get("kind").asString()).isEqualTo("put");
    assertThat(put.get("lastSeq").asLong()).isEqualTo(lab.head());
  }

  @ParameterizedTest
  @CsvSource({
    "/with%20space, /with space",
    "/100%25, /100%",
    "/%C3%A9t%C3%A9/%F0%9F%90%A7, /été/🐧",
    "/plus+plus, /plus+plus",
    "/semi%3Bcolon, /semi;colon",
    "/question%3F, /question?",
    "/%23hash, /#hash",
    "/quote%22, /quote\"",
    "/a/%2E%2E/b, /b",
    "/a//b/, /a/b",
    "/line%0Abreak, '/line\nbreak'",
  })
  void oddPath_isTakenAsItIs(String address, String path) {
    TestLab lab = api.open();
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    lab.put(address, bytes).is(201);
    assertThat(lab.get("/files").json().get(0).get("path").asString()).isEqualTo(path);
    assertThat(lab.rows("file").getFirst().get("path").asString()).isEqualTo(path);
    api.delete(lab.at("/files" + address)).is(200);
  }

  /** What curl sends without being told a type, and other types a server likes to read itself. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain; charset=utf-16",
        "no type at all"
      })
  void body_isTakenWhateverItsType(String type) {
    TestLab lab = api.open();
    byte[] body = "mode=0777&x=%41".getBytes(StandardCharsets.UTF_8);
    api.send("PUT", lab.at("/files/f?mode=0600"), body, "Content-Type", type).is(201);
    assertThat(lab.get("/files/f").bytes()).isEqualTo(body);
    assertThat(lab.get("/files").json().get(0).get("mode").asString()).isEqualTo("0600");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwx", "8", "10000", "-1", "0x1ff"})
  void badMode_isNamed(String mode) {
    TestLab lab = api.open();
    api.put(lab.at("/files/a?mode=" + mode), new byte[1]).problem("bad-parameter", "mode");
    assertThat(lab.get("/files").json()).isEmpty();
  }

  @Test
  void pathThatCannotBeAFiles_isNamed() {
    TestLab lab = api.open();
    lab.put("/dir/file", new byte[1]).is(201);
    lab.put("/dir", new byte[1]).problem("bad-parameter", "path");
    lab.put("/dir/file/below", new byte[1]).problem("bad-parameter", "path");
    lab.put("/", new byte[1]).problem("bad-parameter", "path");
    lab.put("/" + "x".repeat(256), new byte[1]).problem("bad-parameter", "path");
    lab.get("/files/dir").problem("unknown-file");
    api.delete(lab.at("/files/dir")).problem("bad-parameter", "path");
  }

  @Test
  void unmetAccept_changesNothing() {
    TestLab lab = api.open();
    api.send("PUT", lab.at("/files/a"), new byte[1], "Accept", "image/png")
        .problem("not-acceptable");
    assertThat(lab.get("/files").json()).isEmpty();
  }

  @Test
  void noise_isNoArchive() {
    TestLab lab = api.open();
    api.put(lab.at("/archives?name=a.tar"), TestLab.bytes(1024)).problem("bad-archive");
    api.put(lab.at("/archives"), new byte[1024]).problem("bad-parameter", "name");
    JsonNode empty =
        api.put(lab.at("/archives?name=a.tar"), new byte[1024]).is(200).json().get("result");
    assertThat(empty.get("entries").asInt()).isZero();
  }
}
