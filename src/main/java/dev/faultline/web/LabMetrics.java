package dev.faultline.web;

import dev.faultline.lab.DataDirectory;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Tally;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/** What an operator watches, at {@code /actuator/prometheus}. */
@Component
final class LabMetrics {
  private final MeterRegistry registry;

  LabMetrics(
      MeterRegistry registry, Laboratories laboratories, Streams streams, DataDirectory data) {
    this.registry = registry;
    gauge("faultline.labs", "laboratories alive", laboratories, labs -> labs.all().size());
    gauge("faultline.viewers", "streams open", streams, all -> all.followers().size());
    gauge(
        "faultline.stream.lag",
        "records that the viewer who is furthest behind has still to be sent",
        streams,
        all -> all.followers().stream().mapToLong(Follower::lag).max().orElse(0));
    gauge("faultline.data.bytes", "bytes in the data directory", data, DataDirectory::bytes);
    gauge(
        "faultline.data.limit",
        "bytes that the data directory may have",
        laboratories,
        labs -> labs.limits().dataBytes());
    Tally tally = laboratories.tally();
    counter("faultline.commands", "commands run", tally, Tally::commands);
    counter("faultline.faults", "page faults that the harts took", tally, Tally::faults);
    counter("faultline.changes", "records written to the logs", tally, Tally::changes);
  }

  private <T> void gauge(String name, String what, T of, ToDoubleFunction<T> value) {
    Gauge.builder(name, of, value).description(what).register(registry);
  }

  private <T> void counter(String name, String what, T of, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, of, value).description(what).register(registry);
  }

  /** Somebody has reached a limit. */
  void countLimit(String limit) {
    registry.counter("faultline.limits.hit", "limit", limit).increment();
  }
}
