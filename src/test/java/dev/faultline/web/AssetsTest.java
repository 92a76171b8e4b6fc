package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

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
    write("js/other.js", "const { e } = await import('./e.js');\nimport { a } from './a.js';");
    write("js/e.js", "import { a } from './a.js';\nimport { c } from './c.js';");
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
  void moduleThatImportsMoreLater_tellsThatApart() throws IOException {
    Assets.Build now = assets().now();
    assertThat(now.addresses("js/other.js"))
        .containsExactly(now.address("js/other.js"), now.address("js/a.js"));
    assertThat(now.laterAddresses("js/other.js"))
        .containsExactly(now.address("js/e.js"), now.address("js/c.js"));
    assertThat(now.laterAddresses("js/page.js")).isEmpty();
    assertThat(now.allAddresses("js/other.js", "js/c.js"))
        .containsExactlyInAnyOrder(
            now.address("js/other.js"),
            now.address("js/a.js"),
            now.address("js/e.js"),
            now.address("js/c.js"));
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
    String version = assets.now().version();
    assertThat(caching(answer(assets, version, "a.js", "gzip"))).contains("immutable");
    write("js/a.js", "export const a = 2;");
    assets.now();
    MockHttpServletResponse late = answer(assets, version, "a.js", "");
    assertThat(caching(late)).isEqualTo("no-store");
    assertThat(late.getContentAsString()).isEqualTo("export const a = 2;");
    assertThat(answer(assets, version, "none.js", "").getStatus()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "gzip, deflate, br", "br, gzip;q=0.5"})
  void answer_isCompressedForThoseWhoTakeIt(String taken) throws IOException {
    Assets assets = assets();
    MockHttpServletResponse answer = answer(assets, assets.now().version(), "a.js", taken);
    assertThat(answer.getHeader(HttpHeaders.CONTENT_ENCODING)).isEqualTo("gzip");
    var gzip = new GZIPInputStream(new ByteArrayInputStream(answer.getContentAsByteArray()));
    assertThat(gzip).hasContent("export const a = 1;");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "identity", "br", "gzip;q=0", "gzip; q=0.000, br"})
  void answer_isPlainForAllOthers(String taken) throws IOException {
    Assets assets = assets();
    MockHttpServletResponse answer = answer(assets, assets.now().version(), "a.js", taken);
    assertThat(answer.getHeader(HttpHeaders.CONTENT_ENCODING)).isNull();
    assertThat(answer.getContentAsString()).isEqualTo("export const a = 1;");
    assertThat(answer.getContentType()).startsWith("text/javascript");
  }

  private static MockHttpServletResponse answer(
      Assets assets, String version, String file, String taken) throws IOException {
    var request = new MockHttpServletRequest();
    request.addHeader(HttpHeaders.ACCEPT_ENCODING, taken);
    var response = new MockHttpServletResponse();
    new AssetsController(assets).asset(version, "js", file, request, response);
    return response;
  }

  private static String caching(MockHttpServletResponse answer) {
    return String.valueOf(answer.getHeader(HttpHeaders.CACHE_CONTROL));
  }
}
