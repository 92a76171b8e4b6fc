package dev.faultline.web;

import dev.faultline.recording.RecordingHeader.Parent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where something branched off. */
final class ParentJson {
  private ParentJson() {}

  static @Nullable Map<String, Object> of(@Nullable Parent parent) {
    return parent == null ? null : Map.of("id", parent.lab(), "seq", parent.sequence());
  }
}
