import java.util.Map;

/** What a fork shares and a write copies: {@code java Example.java [http://localhost:8080]}. */
final class Example {
  private Example() {}

  public static void main(String[] arguments) {
    var server = new Faultline(arguments.length > 0 ? arguments[0] : "http://localhost:8080");
    try (Faultline.Lab lab = server.lab(Map.of("name", "example", "frames", 256))) {
      Faultline.Process parent = lab.spawn("parent");
      long page = parent.mmap(4096);
      parent.write(page, "hello");
      Faultline.Process child = parent.fork();
      Faultline.Outcome copied = child.write(page, "HELLO");
      System.out.println(copied.story());
      for (Map<String, Object> change : lab.changes(copied.firstSeq() - 1)) {
        if (change.containsKey("text")) System.out.println("  " + change.get("text"));
      }
      System.out.println(new String(parent.read(page, 5)) + " " + new String(child.read(page, 5)));
    }
  }
}
