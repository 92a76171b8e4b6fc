package dev.faultline.web;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The whole server on a free port, and a client of it. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
abstract class ApiTest {
  @LocalServerPort private int port;
  Api api = new Api(0);

  @BeforeEach
  void connect() {
    api = new Api(port);
  }

  @AfterEach
  void endLabs() {
    api.endLabs();
  }
}
