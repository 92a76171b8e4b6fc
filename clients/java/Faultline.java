import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Faultline from Java: one file, nothing but JDK 17 or newer. Beside it, a script is a file that
 * {@code java Script.java} runs (JDK 22; with an older one compile both).
 *
 * <pre>{@code
 * try (var lab = new Faultline("http://localhost:8080").lab(Map.of("frames", 256))) {
 *   var parent = lab.spawn("demo");
 *   long page = parent.mmap(4096);
 *   System.out.println(parent.write(page, "hello").story());
 *   var child = parent.fork();
 *   child.write(page, "HELLO");
 *   for (var change : lab.changes(0)) System.out.println(change);
 * }
 * }</pre>
 *
 * JSON is maps, lists, strings, booleans, null, and numbers as Long where they are whole and Double
 * elsewhere. What the server refuses is a {@link Problem}; an errno or a signal of the simulated
 * kernel is a {@link Failed} where a result was wanted; a server that cannot be reached is an
 * {@link UncheckedIOException}.
 */
public final class Faultline {
  private static final String PREFIX = "/api/v1";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String url;
  private final String token;
  private final HttpClient http;

  public Faultline(String url) {
    this(url, null);
  }

  /** A server, and the token that its operator or a laboratory's owner handed out. */
  public Faultline(String url, String token) {
    this(url, token, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  private Faultline(String url, String token, HttpClient http) {
    this.url = url.replaceAll("/+$", "");
    this.token = token;
    this.http = http;
  }

  /** The server refused a request: RFC 9457 problem details, all of them in {@code members}. */
  public static final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    public final int status;
    public final transient Map<String, Object> members;

    Problem(int status, Map<String, Object> members) {
      super(members.get("title") + ": " + members.get("detail"));
      this.status = status;
      this.members = members;
    }

    /** The rule's name, such as {@code unknown-lab}. */
    public String type() {
      String type = String.valueOf(members.get("type"));
      return type.substring(type.lastIndexOf('/') + 1);
    }

    public String title() {
      return (String) members.get("title");
    }

    public String detail() {
      return (String) members.get("detail");
    }

    /** The member or parameter at fault, null when there is none. */
    public String member() {
      return (String) members.get("member");
    }
  }

  /** A command ended with an errno or a signal. */
  public static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    public final transient Outcome outcome;

    Failed(Outcome outcome) {
      super((outcome.errno() != null ? outcome.errno() : outcome.signal()) + ": " + outcome.why());
      this.outcome = outcome;
    }
  }

  /** What a command came to, and its story in a sentence. */
  public record Outcome(
      Object result,
      String errno,
      Map<String, Object> signal,
      String why,
      long firstSeq,
      long lastSeq,
      String story) {
    static Outcome of(Object json) {
      Map<String, Object> members = object(json);
      return new Outcome(
          members.get("result"),
          (String) members.get("errno"),
          members.get("signal") == null ? null : object(members.get("signal")),
          (String) members.get("why"),
          (Long) members.get("firstSeq"),
          (Long) members.get("lastSeq"),
          (String) members.get("story"));
    }

    public boolean ok() {
      return errno == null && signal == null;
    }

    /** This outcome if all went well, else {@link Failed}. */
    public Outcome check() {
      if (!ok()) throw new Failed(this);
      return this;
    }
  }

  /** Opens a laboratory; settings as in POST /api/v1/labs. */
  public Lab lab(Map<String, ?> settings) {
    Map<String, Object> opened = object(json("POST", "/labs", settings));
    return new Lab(with(opened), (String) opened.get("id"), (String) opened.get("viewToken"));
  }

  /** A laboratory that is open already. */
  public Lab find(String id) {
    var lab = new Lab(this, id, null);
    lab.info();
    return lab;
  }

  public Recording upload(byte[] recording) {
    Map<String, Object> kept = object(Json.read(text(send("POST", "/recordings", recording))));
    return new Recording(with(kept), (String) kept.get("id"));
  }

  public Map<String, Object> limits() {
    return object(json("GET", "/limits", null));
  }

  private Faultline with(Map<String, Object> opened) {
    return opened.get("token") instanceof String own ? new Faultline(url, own, http) : this;
  }

  /** One call of the API below /api/v1, JSON in and out; headers are names and values in turn. */
  public Object json(String method, String path, Object body, String... headers) {
    byte[] bytes = body == null ? new byte[0] : Json.write(body).getBytes(StandardCharsets.UTF_8);
    byte[] answer = send(method, path, bytes, headers);
    return answer.length == 0 ? null : Json.read(text(answer));
  }

  /** One call, bytes in and out. */
  public byte[] send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .timeout(Duration.ofSeconds(60))
            .method(method, BodyPublishers.ofByteArray(body));
    if (headers.length > 0) request.headers(headers);
    try {
      HttpResponse<byte[]> response = exchange(request.build(), BodyHandlers.ofByteArray());
      if (response.statusCode() >= 400) throw problem(response.statusCode(), text(response.body()));
      return response.body();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + PREFIX + path));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws IOException {
    try {
      return http.send(request, body);
    } catch (InterruptedException exception) {
      throw interrupted(exception);
    }
  }

  private static Problem problem(int status, String answer) {
    try {
      return new Problem(status, object(Json.read(answer)));
    } catch (IllegalArgumentException | ClassCastException exception) {
      return new Problem(status, Map.of("title", "status " + status, "detail", answer));
    }
  }

  private static RuntimeException interrupted(InterruptedException exception) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted", exception);
  }

  /** What laboratories and recordings have in common: a log that can be read at any moment. */
  public abstract static class History {
    final Faultline server;
    final String place;
    public final String id;

    History(Faultline server, String kind, String id) {
      this.server = server;
      this.place = kind + code(id);
      this.id = id;
    }

    public Map<String, Object> info() {
      return object(server.json("GET", place, null));
    }

    /** The rows of a table as they are now, or at the end of what was recorded. */
    public List<Map<String, Object>> table(String name) {
      return rows(name, "");
    }

    /** The rows of a table at a moment. */
    public List<Map<String, Object>> table(String name, long at) {
      return rows(name, "?at=" + at);
    }

    private List<Map<String, Object>> rows(String name, String query) {
      return objects(
          object(server.json("GET", place + "/tables/" + code(name) + query, null)).get("rows"));
    }

    /** Every record after a moment, in order, as far as the log reaches when it is read. */
    public Iterable<Map<String, Object>> changes(long after) {
      return () ->
          new Iterator<>() {
            private Iterator<Map<String, Object>> page = List.<Map<String, Object>>of().iterator();
            private long last = after;
            private boolean more = true;

            @Override
            public boolean hasNext() {
              while (!page.hasNext() && more) {
                Map<String, Object> next =
                    object(server.json("GET", place + "/changes?limit=10000&after=" + last, null));
                page = objects(next.get("changes")).iterator();
                last = (Long) next.get("last");
                more = last < (Long) next.get("head");
              }
              return page.hasNext();
            }

            @Override
            public Map<String, Object> next() {
              if (!hasNext()) throw new NoSuchElementException();
              return page.next();
            }
          };
    }

    /** The change that last set a row, with what lies behind it. */
    public Map<String, Object> why(String table, Object key) {
      String query = "/why?table=" + code(table) + "&key=" + code(key.toString());
      return object(server.json("GET", place + query, null));
    }

    /** A laboratory that goes on from the end of a command ({@link Outcome#lastSeq}). */
    public Lab branch(long at) {
      String kind = this instanceof Lab ? "lab" : "recording";
      return server.lab(Map.of("from", Map.of(kind, id, "seq", at)));
    }

    public void end() {
      server.send("DELETE", place, new byte[0]);
    }
  }

  /** A recording that was uploaded. */
  public static final class Recording extends History {
    Recording(Faultline server, String id) {
      super(server, "/recordings/", id);
    }

    public byte[] file() {
      return server.send("GET", place + "/file", new byte[0]);
    }
  }

  /** A laboratory; closing ends it. */
  public static final class Lab extends History implements AutoCloseable {
    /** Lets its holder look and not act; null where no token is wanted. */
    public final String viewToken;

    Lab(Faultline server, String id, String viewToken) {
      super(server, "/labs/", id);
      this.viewToken = viewToken;
    }

    @Override
    public void close() {
      end();
    }

    /** The last moment of its log. */
    public long head() {
      return (Long) info().get("head");
    }

    /** One command as the API has it, {@code do} and its members; its outcome, whatever it is. */
    public Outcome run(String verb, Map<String, ?> members) {
      Map<String, Object> command = new LinkedHashMap<>(members);
      command.put("do", verb);
      return Outcome.of(server.json("POST", place + "/commands", command));
    }

    /** Commands with nobody else's between them; their outcomes, errnos and signals included. */
    public List<Outcome> script(List<? extends Map<String, ?>> commands, Option... options) {
      var query = new StringBuilder("/commands?");
      List<String> headers = new ArrayList<>();
      for (Option option : options) {
        if (option.query != null) query.append(option.query).append('&');
        headers.addAll(option.headers);
      }
      Object answer = server.json("POST", place + query, commands, headers.toArray(String[]::new));
      return ((List<?>) answer).stream().map(Outcome::of).toList();
    }

    /** A process without a program, for commands to act in. */
    public Process spawn(String name) {
      return new Process(this, pid(run("spawn", Map.of("name", name))));
    }

    public Process process(int pid) {
      return new Process(this, pid);
    }

    public Outcome put(String path, byte[] bytes) {
      return Outcome.of(Json.read(text(server.send("PUT", file(path), bytes)))).check();
    }

    public byte[] get(String path) {
      return server.send("GET", file(path), new byte[0]);
    }

    public Outcome delete(String path) {
      return Outcome.of(server.json("DELETE", file(path), null)).check();
    }

    public List<Map<String, Object>> files() {
      return objects(server.json("GET", place + "/files?limit=10000", null));
    }

    private String file(String path) {
      var coded = new StringBuilder(place + "/files");
      for (String name : path.replaceAll("^/", "").split("/", -1)) {
        coded.append('/').append(code(name));
      }
      return coded.toString();
    }

    public byte[] recording() {
      return server.send("GET", place + "/recording", new byte[0]);
    }

    /** A full recount of references and tables; {@code holds} is what one hopes for. */
    public Map<String, Object> audit() {
      return object(server.json("GET", place + "/audit", null));
    }

    /** The log, live, from after a moment; see {@link Live}. */
    public Live follow(long after) {
      return new Live(this, after);
    }
  }

  /** How a script is run. */
  public static final class Option {
    /** Ends at the first errno or signal. */
    public static final Option STOP_ON_ERROR = new Option("stopOnError=true", List.of());

    /** Tries it all in a copy that is thrown away. */
    public static final Option DRY_RUN = new Option("dryRun=true", List.of());

    final String query;
    final List<String> headers;

    private Option(String query, List<String> headers) {
      this.query = query;
      this.headers = headers;
    }

    /** Whoever repeats a call with the same key is given the first answer. */
    public static Option key(String key) {
      return new Option(null, List.of("Idempotency-Key", key));
    }

    /** Acts only while the log ends at this moment. */
    public static Option ifHead(long head) {
      return new Option(null, List.of("If-Match", "\"" + head + "\""));
    }
  }

  /**
   * A process of a laboratory. Calls that fail throw {@link Failed}; {@link #run} gives the
   * outcome.
   */
  public record Process(Lab lab, int pid) {
    public Outcome run(String verb, Map<String, ?> members) {
      Map<String, Object> all = new LinkedHashMap<>(members);
      all.put("pid", pid);
      return lab.run(verb, all);
    }

    public long open(String path, String... flags) {
      return number(run("open", Map.of("path", path, "flags", List.of(flags))).check().result());
    }

    /** Private anonymous memory that can be read and written. */
    public long mmap(long length) {
      return mmap(
          Map.of(
              "length",
              length,
              "prot",
              List.of("READ", "WRITE"),
              "flags",
              List.of("PRIVATE", "ANONYMOUS")));
    }

    public long mmap(Map<String, ?> members) {
      return number(run("mmap", members).check().result());
    }

    public Outcome munmap(long address, long length) {
      return run("munmap", Map.of("address", hex(address), "length", length)).check();
    }

    public Outcome mprotect(long address, long length, String... prot) {
      Map<String, Object> members =
          Map.of("address", hex(address), "length", length, "prot", List.of(prot));
      return run("mprotect", members).check();
    }

    /** Real loads by the hart. */
    public byte[] read(long address, int length) {
      Outcome outcome = run("read", Map.of("address", hex(address), "length", length)).check();
      return HexFormat.of().parseHex((String) object(outcome.result()).get("hex"));
    }

    public Outcome write(long address, String text) {
      return write(address, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Real stores by the hart. */
    public Outcome write(long address, byte[] bytes) {
      Map<String, Object> data = Map.of("hex", HexFormat.of().formatHex(bytes));
      return run("write", Map.of("address", hex(address), "data", data)).check();
    }

    public Process fork() {
      return new Process(lab, Faultline.pid(run("fork", Map.of())));
    }

    public Outcome exit(int status) {
      return run("exit", Map.of("status", status)).check();
    }

    /** What Linux would print: maps, smaps, smaps_rollup, pagemap, strace, stdout or stderr. */
    public String text(String name) {
      return Faultline.text(
          lab.server.send("GET", lab.place + "/processes/" + pid + "/" + code(name), new byte[0]));
    }

    /** Each step of the walk, without side effects; access is load, store or fetch. */
    public Map<String, Object> translate(long address, String access) {
      String call =
          "/processes/" + pid + "/translate?address=" + hex(address) + "&access=" + code(access);
      return object(lab.server.json("GET", lab.place + call, null));
    }
  }

  /**
   * The log, live, record after record, until the laboratory ends. A connection that breaks is
   * taken up again where it broke, for half a minute at a time. Where the server no longer has what
   * comes next, a record of type {@code snapshot} has the rows to go on from; {@link State#apply}
   * takes both.
   */
  public static final class Live implements Iterator<Map<String, Object>>, AutoCloseable {
    private final Lab lab;
    private long last;
    private long failingSince;
    private BufferedReader lines;
    private Map<String, Object> next;
    private boolean ended;

    Live(Lab lab, long after) {
      this.lab = lab;
      this.last = after;
    }

    @Override
    public boolean hasNext() {
      while (next == null && !ended) {
        try {
          if (lines == null) connect();
          take(lines.readLine());
        } catch (IOException | IllegalArgumentException broken) {
          lost(broken);
        }
      }
      return next != null;
    }

    @Override
    public Map<String, Object> next() {
      if (!hasNext()) throw new NoSuchElementException();
      Map<String, Object> record = next;
      next = null;
      return record;
    }

    private void connect() throws IOException {
      HttpRequest request =
          lab.server
              .request(lab.place + "/events?after=" + last)
              .header("Accept", "application/x-ndjson")
              .build();
      HttpResponse<InputStream> response =
          lab.server.exchange(request, BodyHandlers.ofInputStream());
      var body = new InputStreamReader(response.body(), StandardCharsets.UTF_8);
      lines = new BufferedReader(body);
      if (response.statusCode() >= 400) {
        Problem refused = problem(response.statusCode(), lines.readLine());
        close();
        throw refused;
      }
    }

    /** A line is a record, a snapshot or the end; an empty one only says that all is well. */
    private void take(String line) throws IOException {
      if (line == null) throw new EOFException("the stream broke off");
      failingSince = 0;
      if (line.isEmpty()) return;
      Map<String, Object> message = object(Json.read(line));
      if (message.get("type").equals("end")) {
        ended = Boolean.FALSE.equals(message.get("canResume"));
        close();
        return;
      }
      next = message;
      last = (Long) message.get(message.get("type").equals("snapshot") ? "at" : "seq");
    }

    private void lost(Exception broken) {
      close();
      if (failingSince == 0) failingSince = System.nanoTime();
      if (System.nanoTime() - failingSince > PATIENCE.toNanos()) {
        throw new UncheckedIOException(new IOException("lost the stream of " + lab.id, broken));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(200);
      } catch (InterruptedException exception) {
        throw interrupted(exception);
      }
    }

    @Override
    public void close() {
      try {
        if (lines != null) lines.close();
      } catch (IOException exception) {
        // it is broken already
      }
      lines = null;
    }
  }

  /** Tables folded from records: {@code rows} is what the server's table is at {@code seq}. */
  public static final class State {
    private final Map<String, TreeMap<Long, Map<String, Object>>> tables = new LinkedHashMap<>();
    public long seq;

    public void apply(Map<String, Object> record) {
      if (record.get("type").equals("snapshot")) {
        seq = (Long) record.get("at");
        tables.clear();
        object(record.get("tables"))
            .forEach(
                (table, rows) -> objects(rows).forEach(row -> of(table).put(key(table, row), row)));
        return;
      }
      seq = (Long) record.get("seq");
      if (!record.get("type").equals("change")) return;
      TreeMap<Long, Map<String, Object>> rows = of((String) record.get("table"));
      long key = number(record.get("key"));
      Map<String, Object> former = rows.remove(key);
      if (!record.get("op").equals("delete")) {
        Map<String, Object> row = new LinkedHashMap<>();
        if (former != null) row.putAll(former);
        // An entry that comes back from swap has `ppn` where it had `slot`.
        if (record.get("before") != null)
          row.keySet().removeAll(object(record.get("before")).keySet());
        row.putAll(object(record.get("after")));
        rows.put(key, row);
      }
    }

    public List<Map<String, Object>> rows(String table) {
      return List.copyOf(of(table).values());
    }

    private TreeMap<Long, Map<String, Object>> of(String table) {
      return tables.computeIfAbsent(table, name -> new TreeMap<>(Long::compareUnsigned));
    }

    private static long key(String table, Map<String, Object> row) {
      Iterator<Object> cells = row.values().iterator();
      long first = number(cells.next());
      boolean isOfTwo = table.equals("cached_page") || table.equals("descriptor");
      return isOfTwo ? first << 32 | number(cells.next()) : first;
    }
  }

  private static int pid(Outcome outcome) {
    return Math.toIntExact((Long) object(outcome.check().result()).get("pid"));
  }

  /** A number, or one in hexadecimal as a string. */
  public static long number(Object value) {
    return value instanceof String text
        ? Long.parseUnsignedLong(text.substring(2), 16)
        : (Long) value;
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static String code(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> objects(Object json) {
    return (List<Map<String, Object>>) json;
  }

  /** JSON, which the JDK has nothing for. */
  static final class Json {
    private static final Pattern TOKEN =
        Pattern.compile("\\s*+([{}\\[\\],:]|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[-+.\\w]++|$)");
    private static final String ESCAPES = "bfnrt\"\\/";

    private final Matcher tokens;
    private String token = "";

    private Json(String text) {
      tokens = TOKEN.matcher(text);
      advance();
    }

    static Object read(String text) {
      var json = new Json(text);
      Object value = json.value();
      if (!json.token.isEmpty()) throw json.bad();
      return value;
    }

    /** Gives the token that was next, and looks at the one after it. */
    private String advance() {
      String former = token;
      if (!tokens.lookingAt()) throw bad();
      token = tokens.group(1);
      tokens.region(tokens.end(), tokens.regionEnd());
      return former;
    }

    private boolean is(String wanted) {
      boolean is = token.equals(wanted);
      if (is) advance();
      return is;
    }

    private void expect(String wanted) {
      if (!is(wanted)) throw bad();
    }

    private Object value() {
      if (is("{")) {
        Map<String, Object> members = new LinkedHashMap<>();
        while (!is("}")) {
          if (!members.isEmpty()) expect(",");
          String name = string();
          expect(":");
          members.put(name, value());
        }
        return members;
      }
      if (is("[")) {
        List<Object> elements = new ArrayList<>();
        while (!is("]")) {
          if (!elements.isEmpty()) expect(",");
          elements.add(value());
        }
        return elements;
      }
      return token.startsWith("\"") ? string() : word();
    }

    private Object word() {
      if (is("null")) return null;
      if (is("true")) return true;
      if (is("false")) return false;
      if (token.matches("-?[0-9]+")) return Long.parseLong(advance());
      if (!token.matches("-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?")) throw bad();
      return Double.parseDouble(advance());
    }

    private String string() {
      if (!token.startsWith("\"")) throw bad();
      String quoted = advance();
      var string = new StringBuilder();
      for (int at = 1; at < quoted.length() - 1; at++) {
        char next = quoted.charAt(at);
        if (next == '\\') {
          next = quoted.charAt(++at);
          if (next == 'u') {
            next = (char) Integer.parseInt(quoted.substring(at + 1, at + 5), 16);
            at += 4;
          } else {
            next = "\b\f\n\r\t\"\\/".charAt(ESCAPES.indexOf(next));
          }
        }
        string.append(next);
      }
      return string.toString();
    }

    private IllegalArgumentException bad() {
      return new IllegalArgumentException("no JSON at " + tokens.regionStart() + ": " + token);
    }

    static String write(Object value) {
      if (value instanceof Map<?, ?> members) {
        return members.entrySet().stream()
            .map(member -> quoted(member.getKey().toString()) + ":" + write(member.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
      }
      if (value instanceof List<?> elements) {
        return elements.stream().map(Json::write).collect(Collectors.joining(",", "[", "]"));
      }
      return value instanceof CharSequence text ? quoted(text.toString()) : String.valueOf(value);
    }

    private static String quoted(String text) {
      var quoted = new StringBuilder("\"");
      for (char c : text.toCharArray()) {
        if (c < ' ') quoted.append("\\u%04x".formatted((int) c));
        else quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
      return quoted.append('"').toString();
    }
  }
}
