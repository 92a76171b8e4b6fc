package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import tools.jackson.databind.json.JsonMapper;

/** Puts the stream at its address. Only pages of the same origin may open it. */
@Configuration(proxyBeanMethods = false)
@EnableWebSocket
class StreamConfiguration implements WebSocketConfigurer {
  private final Laboratories laboratories;
  private final JsonMapper mapper;

  StreamConfiguration(Laboratories laboratories, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.mapper = mapper;
  }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    registry.addHandler(new StreamHandler(laboratories, mapper), "/api/v1/labs/*/stream");
  }
}
