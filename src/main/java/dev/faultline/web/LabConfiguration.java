package dev.faultline.web;

import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Engine;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Recordings;
import dev.faultline.lab.Replicas;
import dev.faultline.lesson.Scenario;
import dev.faultline.lesson.ScenarioReader;
import dev.faultline.lesson.Scenarios;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.catalina.core.StandardHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** Wires the laboratories, and the server that lets people in. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LimitsProperties.class)
class LabConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(LabConfiguration.class);

  @Bean
  Limits limits(LimitsProperties properties) {
    return properties.limits();
  }

  @Bean
  DataDirectory dataDirectory(@Value("${faultline.data:}") String directory) {
    if (directory.isBlank()) {
      LOG.info("laboratories end with this server; --faultline.data=DIRECTORY keeps them");
      return DataDirectory.temporary();
    }
    return DataDirectory.open(Path.of(directory));
  }

  @Bean(destroyMethod = "close")
  Laboratories laboratories(
      Limits limits, @Value("${spring.application.version}") String version, DataDirectory data) {
    return new Laboratories(limits, Engine.identifier(version), data);
  }

  @Bean(destroyMethod = "close")
  @DependsOn("laboratories") // those that cannot go on leave their recordings
  Recordings recordings(DataDirectory data, Limits limits) {
    return new Recordings(data, limits);
  }

  @Bean
  Replicas replicas(Laboratories laboratories) {
    return new Replicas(laboratories);
  }

  @Bean
  CommandReader commandReader(Limits limits) {
    return new CommandReader(limits);
  }

  @Bean
  SettingsReader settingsReader(Limits limits) {
    return new SettingsReader(limits);
  }

  @Bean
  RecordsConverter<Changes> changesConverter(JsonMapper mapper) {
    return new RecordsConverter<>(Changes.class, MediaType.APPLICATION_JSON, mapper);
  }

  @Bean
  RecordsConverter<NdJson> linesConverter(JsonMapper mapper) {
    return new RecordsConverter<>(NdJson.class, MediaType.APPLICATION_NDJSON, mapper);
  }

  /** Those of the class path, in the order of their files' names. */
  @Bean
  Scenarios scenarios(CommandReader commands, SettingsReader settings) throws IOException {
    var reader = new ScenarioReader(new ApiLanguage(commands, settings));
    List<Resource> files =
        new ArrayList<>(
            List.of(
                new PathMatchingResourcePatternResolver()
                    .getResources("classpath:scenarios/*.yaml")));
    files.sort(Comparator.comparing(LabConfiguration::name));
    List<Scenario> scenarios = new ArrayList<>();
    for (Resource file : files) {
      String name = name(file);
      String id = name.replaceFirst("^[0-9]+-", "").replaceFirst("\\.yaml$", "");
      try (Reader yaml = new InputStreamReader(file.getInputStream(), StandardCharsets.UTF_8)) {
        scenarios.add(reader.read(id, "scenarios/" + name, yaml));
      }
    }
    return new Scenarios(scenarios);
  }

  private static String name(Resource file) {
    return Objects.requireNonNull(file.getFilename());
  }

  @Bean
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> problemValve() {
    return factory ->
        factory.addContextCustomizers(context -> {
          if (context.getParent() instanceof StandardHost host) {
            host.setErrorReportValveClass(ProblemValve.class.getName());
          }
        });
  }

  @Bean
  ApplicationListener<ApplicationReadyEvent> openAccessWarning(
      ServerProperties server, Access access) {
    return event -> {
      InetAddress address = server.getAddress();
      if (access.isOpen() && !Access.isLoopback(address)) {
        LOG.warn(
            "everybody who reaches this server on {} may act in every laboratory"
                + " (faultline.access=open); server.address=127.0.0.1 keeps it to this computer",
            address == null ? "any address" : address.getHostAddress());
      }
    };
  }
}
