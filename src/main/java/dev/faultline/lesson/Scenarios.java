package dev.faultline.lesson;

import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Settings;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All scenarios, in the order in which they are to be taken. */
public final class Scenarios {
  private final Map<String, Scenario> byId = new LinkedHashMap<>();

  public Scenarios(Collection<Scenario> inOrder) {
    inOrder.forEach(scenario -> byId.put(scenario.id(), scenario));
  }

  public Collection<Scenario> all() {
    return byId.values();
  }

  public Optional<Scenario> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** Opens a laboratory in which everything is prepared and no step is done. */
  public static Laboratory open(Laboratories laboratories, Scenario scenario) {
    return open(laboratories, scenario.settings(), scenario.prepared());
  }

  /** The same for what is to stand beside it. */
  public static Laboratory open(Laboratories laboratories, Scenario.Beside beside) {
    return open(laboratories, beside.settings(), beside.prepared());
  }

  private static Laboratory open(
      Laboratories laboratories, Settings settings, List<Command> prepared) {
    Laboratory lab = laboratories.open(settings);
    for (Command command : prepared) {
      Outcome outcome = lab.execute(command);
      if (outcome.result() == null) {
        laboratories.end(lab.id());
        throw new IllegalStateException("the scenario cannot be prepared: " + outcome.story());
      }
    }
    return lab;
  }
}
