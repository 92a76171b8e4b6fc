import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

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
    return new Lab(with(opened), (String) opened.get("id"));
  }

  /** A laboratory that is open already. */
  public Lab find(String id) {
    var lab = new Lab(this, id);
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
        HttpRequest.newBuilder(URI.create(url + PREFIX + path))
            .timeout(Duration.ofSeconds(60))
            .method(method, BodyPublishers.ofByteArray(body));
    if (headers.length > 0) request.headers(headers);
    if (token != null) request.header("Authorization", "Bearer " + token);
    try {
      HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
      if (response.statusCode() >= 400) throw problem(response.statusCode(), text(response.body()));
      return response.body();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
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
    Lab(Faultline server, String id) {
      super(server, "/labs/", id);
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
    private Iterator<Map<String, Object>> records = List.<Map<String, Object>>of().iterator();
    private long last;
    private long failingSince;
    private Connection connection;
    private boolean ended;

    Live(Lab lab, long after) {
      this.lab = lab;
      this.last = after;
    }

    @Override
    public boolean hasNext() {
      try {
        while (!records.hasNext() && !ended) advance();
      } catch (InterruptedException exception) {
        throw interrupted(exception);
      }
      return records.hasNext();
    }

    @Override
    public Map<String, Object> next() {
      if (!hasNext()) throw new NoSuchElementException();
      return records.next();
    }

    private void advance() throws InterruptedException {
      if (connection == null) {
        connect();
        return;
      }
      String text = connection.messages.take();
      if (text.equals(Connection.CLOSED)) {
        lost();
        return;
      }
      connection.socket.request(1);
      failingSince = 0;
      Map<String, Object> message = object(Json.read(text));
      switch ((String) message.get("type")) {
        case "changes" -> {
          records = objects(message.get("changes")).iterator();
          last = (Long) message.get("last");
        }
        case "snapshot" -> {
          records = List.of(message).iterator();
          last = (Long) message.get("at");
        }
        default -> {
          ended = Boolean.FALSE.equals(message.get("canResume"));
          close();
        }
      }
    }

    private void connect() throws InterruptedException {
      Faultline server = lab.server;
      String address =
          server.url.replaceFirst("^http", "ws") + PREFIX + lab.place + "/stream?after=" + last;
      WebSocket.Builder builder =
          server.http.newWebSocketBuilder().subprotocols("faultline.v1.json");
      if (server.token != null) builder.header("Authorization", "Bearer " + server.token);
      var next = new Connection();
      try {
        next.socket = builder.buildAsync(URI.create(address), next).join();
        connection = next;
      } catch (CompletionException exception) {
        if (exception.getCause() instanceof WebSocketHandshakeException refused) {
          String title = "The stream was refused";
          throw new Problem(
              refused.getResponse().statusCode(),
              Map.of("title", title, "detail", "" + refused.getMessage()));
        }
        if (!(exception.getCause() instanceof IOException)) throw exception;
        lost();
      }
    }

    /** Tries again unless that is hopeless. */
    private void lost() throws InterruptedException {
      int code = connection == null ? 0 : connection.code;
      String reason = connection == null ? "" : connection.reason;
      close();
      if (code == WebSocket.NORMAL_CLOSURE) {
        ended = true;
        return;
      }
      if (code == 4400 || code == 4404) {
        throw new Problem(
            code - 4000,
            Map.of(
                "type",
                code == 4404 ? "unknown-lab" : "bad-parameter",
                "title",
                "The stream was refused",
                "detail",
                reason));
      }
      if (failingSince == 0) failingSince = System.nanoTime();
      if (System.nanoTime() - failingSince > PATIENCE.toNanos()) {
        throw new UncheckedIOException(
            new ConnectException("the stream of " + lab.id + " is lost"));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }

    @Override
    public void close() {
      if (connection != null) connection.socket.abort();
      connection = null;
    }
  }

  /** A WebSocket whose messages are taken one by one: the next is asked for when one was taken. */
  private static final class Connection implements WebSocket.Listener {
    static final String CLOSED = "";
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    WebSocket socket;
    volatile int code;
    volatile String reason = "";

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
      partial.append(data);
      if (isLast) {
        messages.add(partial.toString());
        partial.setLength(0);
      } else {
        from.request(1);
      }
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int statusCode, String why) {
      code = statusCode;
      reason = why;
      messages.add(CLOSED);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      messages.add(CLOSED);
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
    private final String text;
    private int at;

    private Json(String text) {
      this.text = text;
    }

    static Object read(String text) {
      var json = new Json(text);
      Object value = json.value();
      json.blanks();
      if (json.at != text.length()) throw json.bad();
      return value;
    }

    private Object value() {
      blanks();
      switch (at < text.length() ? text.charAt(at) : ' ') {
        case '{':
          {
            Map<String, Object> members = new LinkedHashMap<>();
            at++;
            for (boolean more = !ends('}'); more; more = !ends('}')) {
              if (!members.isEmpty()) expect(',');
              blanks();
              String name = string();
              expect(':');
              members.put(name, value());
            }
            return members;
          }
        case '[':
          {
            List<Object> elements = new ArrayList<>();
            at++;
            for (boolean more = !ends(']'); more; more = !ends(']')) {
              if (!elements.isEmpty()) expect(',');
              elements.add(value());
            }
            return elements;
          }
        case '"':
          return string();
        default:
          return word();
      }
    }

    private Object word() {
      int from = at;
      while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
      String word = text.substring(from, at);
      switch (word) {
        case "null":
          return null;
        case "true":
          return true;
        case "false":
          return false;
        default:
          boolean isWhole = word.matches("-?[0-9]+");
          if (!isWhole && !word.matches("-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?")) throw bad();
          return isWhole ? (Object) Long.parseLong(word) : (Object) Double.parseDouble(word);
      }
    }

    private String string() {
      if (at >= text.length() || text.charAt(at++) != '"') throw bad();
      var string = new StringBuilder();
      while (at < text.length()) {
        char next = text.charAt(at++);
        if (next == '"') return string.toString();
        string.append(next == '\\' ? escaped() : next);
      }
      throw bad();
    }

    private char escaped() {
      if (at >= text.length()) throw bad();
      char kind = text.charAt(at++);
      if (kind == 'u') {
        if (at + 4 > text.length()) throw bad();
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
      }
      int plain = "bfnrt\"\\/".indexOf(kind);
      if (plain < 0) throw bad();
      return "\b\f\n\r\t\"\\/".charAt(plain);
    }

    private void blanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
    }

    private void expect(char wanted) {
      if (!ends(wanted)) throw bad();
    }

    private boolean ends(char wanted) {
      blanks();
      boolean is = at < text.length() && text.charAt(at) == wanted;
      if (is) at++;
      if (at >= text.length() && !is) throw bad();
      return is;
    }

    private IllegalArgumentException bad() {
      return new IllegalArgumentException("no JSON at " + at + ": " + text);
    }

    static String write(Object value) {
      if (value instanceof Map<?, ?> members) {
        List<String> pairs = new ArrayList<>();
        members.forEach((name, member) -> pairs.add(quoted(name.toString()) + ":" + write(member)));
        return "{" + String.join(",", pairs) + "}";
      }
      if (value instanceof Iterable<?> elements) {
        List<String> all = new ArrayList<>();
        elements.forEach(element -> all.add(write(element)));
        return "[" + String.join(",", all) + "]";
      }
      return value instanceof CharSequence text ? quoted(text.toString()) : String.valueOf(value);
    }

    private static String quoted(String text) {
      var quoted = new StringBuilder("\"");
      for (char c : text.toCharArray()) {
        if (c == '"' || c == '\\') quoted.append('\\').append(c);
        else if (c < ' ') quoted.append("\\u%04x".formatted((int) c));
        else quoted.append(c);
      }
      return quoted.append('"').toString();
    }
  }
}
