package dev.faultline.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * The modules, styles and pictures of the pages. They are found in a folder that is named by what
 * they all hold, {@code /assets/0a1b2c3d4e5f6071/js/lab.js}: a browser may keep them for good, and
 * the relative imports of a module lead to modules of the same build.
 *
 * <p>A browser that meets imports one after the other asks the server anew at each of their levels.
 * So a page names in its head all modules that it is going to need.
 */
@Component
class Assets {
  static final String FOLDER = "/assets/";
  private static final Map<String, MediaType> TYPES =
      Map.of(
          "js", new MediaType("text", "javascript", StandardCharsets.UTF_8),
          "css", new MediaType("text", "css", StandardCharsets.UTF_8),
          "svg", MediaType.valueOf("image/svg+xml"));
  private static final String AT_ONCE = "from ";

  /** A module that another one begins with, or has later ({@code await import}). */
  private static final Pattern IMPORT =
      Pattern.compile("(" + AT_ONCE + "|await import\\()'\\./([\\w-]+\\.js)'");

  private static final int VERSION_BYTES = 8;

  /** In the place of when they changed. */
  private static final long PACKED = -1;

  private final String where;
  private volatile Build build;

  Assets(@Value("classpath:/static/") String where) throws IOException {
    this.where = where;
    build = Build.of(found());
  }

  /** Those of a jar stay as they are; files are looked at again, for somebody may work on them. */
  public Build now() throws IOException {
    if (build.changed != PACKED) {
      List<Resource> found = found();
      if (changed(found) != build.changed) {
        build = Build.of(found);
      }
    }
    return build;
  }

  /** Those that the last page was told of. */
  Build last() {
    return build;
  }

  private List<Resource> found() throws IOException {
    List<Resource> found = new ArrayList<>();
    for (String type : TYPES.keySet()) {
      String pattern = where + "*/*." + type;
      found.addAll(List.of(new PathMatchingResourcePatternResolver().getResources(pattern)));
    }
    return found;
  }

  private static long changed(List<Resource> found) throws IOException {
    long changed = found.size();
    for (Resource resource : found) {
      if (!resource.isFile()) {
        return PACKED;
      }
      changed = changed * 31 + resource.lastModified();
    }
    return changed;
  }

  /** A file, and how it goes to those who take it compressed. */
  record Asset(MediaType type, byte[] bytes, byte[] gzip) {
    private static Asset of(MediaType type, byte[] bytes) throws IOException {
      var compressed = new ByteArrayOutputStream();
      try (var gzip = new GZIPOutputStream(compressed)) {
        gzip.write(bytes);
      }
      return new Asset(type, bytes, compressed.toByteArray());
    }
  }

  /** What a module begins with, itself among it, and what it has later; the nearest first. */
  private record Needed(List<String> first, List<String> later) {}

  /** All of them as they were at one time, by paths such as {@code js/lab.js}. */
  record Build(String version, long changed, Map<String, Asset> files, Map<String, Needed> needed) {
    private static Build of(List<Resource> found) throws IOException {
      Map<String, Asset> files = new TreeMap<>();
      for (Resource resource : found) {
        String url = resource.getURL().toString();
        int folder = url.lastIndexOf('/', url.lastIndexOf('/') - 1);
        MediaType type =
            Objects.requireNonNull(TYPES.get(url.substring(url.lastIndexOf('.') + 1)), url);
        files.put(url.substring(folder + 1), Asset.of(type, resource.getContentAsByteArray()));
      }
      var build = new Build(version(files), Assets.changed(found), files, new TreeMap<>());
      build.names().forEach(name -> build.needed.put("js/" + name, build.needed("js/" + name)));
      return build;
    }

    private static String version(Map<String, Asset> files) {
      MessageDigest digest;
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException exception) {
        throw new IllegalStateException(exception);
      }
      files.forEach((path, file) -> {
        String head = path + ' ' + file.bytes.length + '\n';
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        digest.update(file.bytes);
      });
      return HexFormat.of().formatHex(digest.digest(), 0, VERSION_BYTES);
    }

    private Needed needed(String path) {
      Set<String> first = imported(path, false);
      List<String> later =
          imported(path, true).stream().filter(each -> !first.contains(each)).toList();
      return new Needed(List.copyOf(first), later);
    }

    private Set<String> imported(String path, boolean isLaterToo) {
      Set<String> all = new LinkedHashSet<>(List.of(path));
      for (List<String> next = List.of(path); !next.isEmpty(); ) {
        next =
            next.stream()
                .flatMap(each -> IMPORT.matcher(text(each)).results())
                .filter(found -> isLaterToo || found.group(1).equals(AT_ONCE))
                .map(found -> "js/" + found.group(2))
                .filter(all::add)
                .toList();
      }
      return all;
    }

    /** Where a page finds one of them. */
    public String address(String path) {
      return FOLDER + version + '/' + path;
    }

    /** Where a page finds a module and all that it cannot begin without. */
    public List<String> addresses(String module) {
      return addresses(needing(module).first);
    }

    /** Where it finds what the module imports while it runs. */
    public List<String> laterAddresses(String module) {
      return addresses(needing(module).later);
    }

    /** Where pages find what any of some modules ever imports. */
    public List<String> allAddresses(String... modules) {
      return Stream.of(modules)
          .flatMap(module -> Stream.of(addresses(module), laterAddresses(module)))
          .flatMap(List::stream)
          .distinct()
          .toList();
    }

    private Needed needing(String module) {
      return Objects.requireNonNull(needed.get(module), module);
    }

    private List<String> addresses(List<String> paths) {
      return paths.stream().map(this::address).toList();
    }

    /** The names of all modules. */
    List<String> names() {
      return files.keySet().stream()
          .filter(path -> path.startsWith("js/"))
          .map(path -> path.substring("js/".length()))
          .toList();
    }

    /** A module whose imports are found elsewhere than beside it. */
    String module(String name, UnaryOperator<String> address) {
      return IMPORT
          .matcher(text("js/" + name))
          .replaceAll(found -> "$1'" + address.apply(found.group(2)) + "'");
    }

    String text(String path) {
      Asset file = Objects.requireNonNull(files.get(path), path);
      return new String(file.bytes, StandardCharsets.UTF_8);
    }

    /** Null where there is no such file. */
    @Nullable Asset file(String path) {
      return files.get(path);
    }
  }
}
