package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What an operator can see of a running server. */
class MetricsTest extends ApiTest {
  private double metric(String line) {
    return api.get("//actuator/prometheus")
        .is(200)
        .text()
        .lines()
        .filter(each -> each.startsWith(line + " "))
        .mapToDouble(each -> Double.parseDouble(each.substring(line.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  @Test
  void metrics_countWhatLaboratoriesDo() {
    double commands = metric("faultline_commands_total");
    double faults = metric("faultline_faults_total");
    double changes = metric("faultline_changes_total");
    double limits = metric("faultline_limits_hit_total{limit=\"frames\"}");
    TestLab lab = api.open();
    int pid = lab.spawn();
    lab.write(pid, lab.map(pid, 1), "x");
    api.post("/labs", "{\"frames\":100000}").problem("limit-frames", "frames");
    assertThat(metric("faultline_labs")).isGreaterThanOrEqualTo(1);
    assertThat(metric("faultline_data_bytes")).isPositive();
    assertThat(metric("faultline_data_limit")).isEqualTo(16L << 30);
    assertThat(metric("faultline_commands_total") - commands).isEqualTo(3);
    assertThat(metric("faultline_faults_total") - faults).isEqualTo(1);
    assertThat(metric("faultline_changes_total") - changes).isPositive();
    assertThat(metric("faultline_limits_hit_total{limit=\"frames\"}") - limits).isEqualTo(1);
    assertThat(api.get("//actuator/prometheus").text())
        .contains("faultline_stream_lag", "faultline_viewers");
  }

  @Test
  void health_saysWhetherTheServerLivesAndIsReady() {
    for (String probe : new String[] {"", "/liveness", "/readiness"}) {
      assertThat(api.get("//actuator/health" + probe).is(200).text()).contains("UP");
    }
    api.get("//actuator/info").is(200);
  }
}
