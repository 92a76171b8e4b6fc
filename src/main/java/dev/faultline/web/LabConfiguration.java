package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Limits;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the laboratories. */
@Configuration(proxyBeanMethods = false)
class LabConfiguration {
  @Bean
  Limits limits() {
    return Limits.DEFAULT;
  }

  @Bean
  Laboratories laboratories(Limits limits) {
    return new Laboratories(limits);
  }

  @Bean
  CommandReader commandReader(Limits limits) {
    return new CommandReader(limits);
  }
}
