import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/** Runs google-java-format once over all Java files below the given folders. */
class Format {
  public static void main(String[] args) throws IOException {
    var check = args[0].equals("check");
    var arguments = new ArrayList<String>();
    arguments.addAll(check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
    for (var folder : List.of(args).subList(1, args.length)) {
      try (var paths = Files.walk(Path.of(folder))) {
        paths
            .map(Path::toString)
            .filter(name -> name.endsWith(".java"))
            .sorted()
            .forEach(arguments::add);
      }
    }

    var changed = new StringWriter();
    var formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    var errors = new PrintWriter(System.err, true);
    var code = formatter.run(new PrintWriter(changed), errors, arguments.toArray(String[]::new));
    if (code != 0) {
      changed
          .toString()
          .lines()
          .forEach(name -> System.err.println("[ERROR] Not in google-java-format: " + name));
      System.err.println("[ERROR] Format in place with: scripts/format");
    }
    System.exit(code);
  }
}
