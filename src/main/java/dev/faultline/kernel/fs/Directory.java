package dev.faultline.kernel.fs;

import java.util.NavigableMap;
import java.util.TreeMap;

/** A directory: names and what they stand for. */
final class Directory implements Inode {
  private final long number;
  private final NavigableMap<String, Inode> entries = new TreeMap<>();

  Directory(long number) {
    this.number = number;
  }

  @Override
  public long number() {
    return number;
  }

  NavigableMap<String, Inode> entries() {
    return entries;
  }
}
