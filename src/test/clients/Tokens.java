import java.util.Map;

/** What the Java client promises where tokens are wanted; ends with 0 if it holds. */
final class Tokens {
  private Tokens() {}

  public static void main(String[] arguments) {
    String url = System.getenv("FAULTLINE_URL");
    var server = new Faultline(url);
    try (Faultline.Lab lab = server.lab(Map.of("frames", 64))) {
      lab.spawn("owned").mmap(4096);
      refused("no-token", () -> server.find(lab.id));
      refused("no-token", () -> new Faultline(url, "no token of it").find(lab.id));
      Faultline.Lab viewer = new Faultline(url, lab.viewToken).find(lab.id);
      if (!viewer.table("vma").equals(lab.table("vma"))) throw new AssertionError("other rows");
      try (Faultline.Live live = viewer.follow(0)) {
        if (!live.next().get("seq").equals(1L)) throw new AssertionError("another record");
      }
      refused("view-only", () -> viewer.spawn("another"));
      Faultline.Recording recording = server.upload(lab.recording());
      if (recording.table("vma").isEmpty()) throw new AssertionError("no rows");
      recording.end();
      try (Faultline.Lab branch = viewer.branch(lab.head())) {
        branch.spawn("of the viewer's own");
      }
    }
    System.out.println("all as promised");
  }

  private static void refused(String type, Runnable call) {
    try {
      call.run();
    } catch (Faultline.Problem problem) {
      if (problem.type().equals(type) && problem.member().equals("Authorization")) return;
      throw problem;
    }
    throw new AssertionError("not refused as " + type);
  }
}
