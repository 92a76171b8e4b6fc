package dev.faultline.web;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;

/** Puts the stream at its address. Only pages of this server, and of configured ones, open it. */
@Configuration(proxyBeanMethods = false)
@EnableWebSocket
class StreamConfiguration implements WebSocketConfigurer {
  private final StreamHandler handler;
  private final StreamHandshake handshake;
  private final List<String> origins;

  StreamConfiguration(
      StreamHandler handler,
      StreamHandshake handshake,
      @Value("${faultline.cors.origins:}") List<String> origins) {
    this.handler = handler;
    this.handshake = handshake;
    this.origins = origins;
  }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    registry
        .addHandler(handler, "/api/v1/labs/*/stream")
        .addInterceptors(handshake)
        .setAllowedOrigins(origins.toArray(String[]::new));
  }
}
