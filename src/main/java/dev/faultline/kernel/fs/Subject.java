package dev.faultline.kernel.fs;

import java.util.List;

/**
 * Who does something with files: the user, the group and the further groups that permissions are
 * asked for.
 */
public record Subject(int user, int group, List<Integer> groups) {
  public static final Subject ROOT = new Subject(0, 0, List.of());

  boolean isRoot() {
    return user == 0;
  }

  boolean isOf(int wanted) {
    return group == wanted || groups.contains(wanted);
  }
}
