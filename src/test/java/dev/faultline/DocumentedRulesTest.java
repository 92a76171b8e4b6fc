package dev.faultline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * {@code docs/linux.md} lists rules of Linux, {@code docs/screen.md} what the screen promises, and
 * both the tests that hold them: {@code ClassTest.method} or {@code file.test.js name}.
 */
class DocumentedRulesTest {
  private static final Path SOURCES = Path.of("src/test/java");
  private static final Path SCRIPTS = Path.of("src/test/js");
  private static final Pattern IN_JAVA = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
  private static final Pattern IN_NODE = Pattern.compile("`([a-z-]+\\.test\\.js) ([\\w ]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\((?!http)([^)#]+)\\)");

  /** The lines of all tables but their heads. */
  private static List<String> rules(String document) throws IOException {
    List<String> lines = Files.readAllLines(Path.of(document));
    List<String> rules = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      boolean isHead = i + 1 < lines.size() && lines.get(i + 1).startsWith("|--");
      if (lines.get(i).startsWith("| ") && !isHead) {
        rules.add(lines.get(i));
      }
    }
    return rules;
  }

  /** The methods of a class that JUnit runs. */
  private static List<String> testsOf(String name) throws IOException, ClassNotFoundException {
    Path source;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      source = all.filter(path -> path.endsWith(name + ".java")).findFirst().orElseThrow();
    }
    String path = SOURCES.relativize(source).toString().replace(".java", "");
    return Stream.of(Class.forName(path.replace('/', '.')).getDeclaredMethods())
        .filter(method ->
            AnnotationSupport.isAnnotated(method, Test.class)
                || AnnotationSupport.isAnnotated(method, TestTemplate.class))
        .map(Method::getName)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"docs/linux.md, 80", "docs/screen.md, 80"})
  void everyRule_namesATest(String document, int fewest) throws IOException {
    assertThat(rules(document))
        .hasSizeGreaterThan(fewest)
        .allMatch(rule -> IN_JAVA.matcher(rule).find() || IN_NODE.matcher(rule).find());
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/linux.md", "docs/screen.md"})
  void everyNamedTest_exists(String document) throws Exception {
    for (String rule : rules(document)) {
      for (MatchResult named : IN_JAVA.matcher(rule).results().toList()) {
        assertThat(testsOf(named.group(1))).as(rule).contains(named.group(2));
      }
      for (MatchResult named : IN_NODE.matcher(rule).results().toList()) {
        assertThat(Files.readString(SCRIPTS.resolve(named.group(1))))
            .as(rule)
            .contains("test('" + named.group(2) + "'");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/linux.md", "docs/screen.md"})
  void everyFileThatIsLinkedTo_exists(String document) throws IOException {
    for (MatchResult link : LINK.matcher(Files.readString(Path.of(document))).results().toList()) {
      assertThat(Path.of("docs").resolve(link.group(1))).exists();
    }
  }
}
