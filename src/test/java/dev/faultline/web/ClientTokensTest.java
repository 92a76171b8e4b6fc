package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.context.TestPropertySource;

/** The clients on a server that wants tokens: owners act, viewers look, others do neither. */
@Timeout(120)
@TestPropertySource(properties = "faultline.access=token")
class ClientTokensTest extends ApiTest {
  @TempDir private Path folder;

  private ClientScripts scripts() {
    return new ClientScripts("http://127.0.0.1:" + api.port, folder);
  }

  @Test
  void pythonClient_showsItsToken() throws Exception {
    assertThat(scripts().python("tokens.py")).contains("all as promised");
  }

  @Test
  void javaClient_showsItsToken() throws Exception {
    assertThat(scripts().check("Tokens")).contains("all as promised");
  }
}
