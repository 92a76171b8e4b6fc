package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

class AssetsTest {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(folder.resolve("js"));
    Files.createDirectories(folder.resolve("css"));
    write(
        "js/page.js",
        "import { b } from './b.js';\nimport { c } from './c.js';\nimport { a } from './a.js';");
    write("js/a.js", "export const a = 1;");
    write("js/b.js", "import { a } from './a.js';\nexport { d } from './d.js';");
    write("js/c.js", "");
    write("js/d.js", "import { b } from './b.js';");
    write("js/other.js", "");
    write("css/base.css", "a { color: red }");
  }

  private void write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(text.hashCode() * 1000L));
  }

  private Assets assets() throws IOException {
    return new Assets("file:" + folder + "/");
  }

  @Test
  void module_isNamedWithAllThatItImports() throws IOException {
    Assets.Build now = assets().now();
    assertThat(now.addresses("js/page.js"))
        .containsExactlyInAnyOrder(
            now.address("js/page.js"),
            now.address("js/a.js"),
            now.address("js/b.js"),
            now.address("js/c.js"),
            now.address("js/d.js"));
  }

  @Test
  void module_canImportFromElsewhere() throws IOException {
    assertThat(assets().now().module("b.js", name -> "elsewhere/" + name))
        .isEqualTo("import { a } from 'elsewhere/a.js';\nexport { d } from 'elsewhere/d.js';");
  }

  @Test
  void address_isTheSameWhileTheFilesAre() throws IOException {
    Assets assets = assets();
    String address = assets.now().address("js/a.js");
    assertThat(assets.now().address("js/a.js")).isEqualTo(address);
    assertThat(assets().now().address("js/a.js")).isEqualTo(address);
  }

  @Test
  void address_isAnotherOnceAFileIsChangedOrAdded() throws IOException {
    Assets assets = assets();
    String first = assets.now().address("js/page.js");
    write("js/a.js", "export const a = 2;");
    String second = assets.now().address("js/page.js");
    write("js/new.js", "");
    assertThat(assets.now().address("js/page.js")).isNotEqualTo(second).isNotEqualTo(first);
    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void answer_isKeptForGoodUnderItsVersionAlone() throws IOException {
    Assets assets = assets();
    var controller = new AssetsController(assets);
    String version = assets.now().version();
    assertThat(caching(controller.asset(version, "js", "a.js"))).contains("immutable");
    write("js/a.js", "export const a = 2;");
    assets.now();
    ResponseEntity<byte[]> late = controller.asset(version, "js", "a.js");
    assertThat(caching(late)).isEqualTo("no-store");
    assertThat(late.getBody()).isEqualTo("export const a = 2;".getBytes(StandardCharsets.UTF_8));
    assertThat(controller.asset(version, "js", "none.js").getStatusCode())
        .isEqualTo(HttpStatus.NOT_FOUND);
  }

  private static String caching(ResponseEntity<byte[]> answer) {
    return String.valueOf(answer.getHeaders().getFirst(HttpHeaders.CACHE_CONTROL));
  }
}
