package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestTemplate;
import org.junit.platform.commons.support.AnnotationSupport;

/** {@code docs/linux.md} lists rules of Linux and the tests that hold the kernel to them. */
class LinuxRulesTest {
  private static final Path DOCUMENT = Path.of("docs/linux.md");
  private static final Path SOURCES = Path.of("src/test/java");
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
  private static final int FEWEST_RULES = 80;

  private static List<String> rules() throws IOException {
    return Files.readAllLines(DOCUMENT).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| rule "))
        .toList();
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

  @Test
  void everyRule_namesATest() throws IOException {
    assertThat(rules())
        .hasSizeGreaterThan(FEWEST_RULES)
        .allMatch(rule -> NAMED.matcher(rule).find());
  }

  @Test
  void everyNamedTest_exists() throws Exception {
    for (String rule : rules()) {
      for (MatchResult named : NAMED.matcher(rule).results().toList()) {
        assertThat(testsOf(named.group(1))).as(rule).contains(named.group(2));
      }
    }
  }
}
