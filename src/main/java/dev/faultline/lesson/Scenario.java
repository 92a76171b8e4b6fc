package dev.faultline.lesson;

import dev.faultline.lab.Command;
import dev.faultline.lab.Settings;
import dev.faultline.log.StepKind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One thing to be understood, played in a laboratory. Texts are Markdown.
 *
 * @param id what addresses call it
 * @param group the heading under which it is listed
 * @param teaches what is understood afterwards, in a sentence
 * @param watch where to look
 * @param prepared what is done before the reader comes
 * @param beside another laboratory to be put beside this one, for comparing
 */
public record Scenario(
    String id,
    String title,
    String group,
    String teaches,
    String watch,
    Settings settings,
    List<Command> prepared,
    List<Step> steps,
    @Nullable Beside beside) {

  /**
   * A command and what there is to say about it.
   *
   * @param say said before the command is given
   * @param json the command as the API takes it
   * @param look what to look at once it is done, null for what the command was about
   * @param tab which of the details to open, null for leaving them as they are
   * @param moment the kind of the step at which the scenario's point can be seen; one step has it
   */
  public record Step(
      String title,
      String say,
      JsonNode json,
      Command command,
      @Nullable Look look,
      @Nullable String tab,
      @Nullable StepKind moment,
      Expectation expected) {}

  /** An address of a process. */
  public record Look(int pid, long address) {}

  /**
   * The same scenario elsewhere.
   *
   * @param title what distinguishes it, such as "eager copies"
   * @param here what distinguishes the scenario itself from it
   * @param commands in place of those of the steps
   */
  public record Beside(
      String title,
      String here,
      Settings settings,
      List<Command> prepared,
      List<JsonNode> commands) {}
}
