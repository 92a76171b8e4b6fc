package dev.faultline.kernel.fs;

import java.util.function.LongSupplier;

/**
 * Whose a file is, and when it was last read, written and changed at all, in nanoseconds since
 * 1970. Reads count as under {@code relatime}, Linux's default ({@code relatime_need_update}).
 */
public final class Attributes {
  /** A user and a group by number. */
  public record Owner(int user, int group) {
    public static final Owner ROOT = new Owner(0, 0);
  }

  /** Stands for a time that is to stay. */
  public static final long UNCHANGED = Long.MIN_VALUE;

  private static final long DAY = 86_400_000_000_000L;

  /** The three times at one moment. */
  public record Moments(long accessed, long modified, long changed) {
    static final Moments NONE = new Moments(0, 0, 0);
  }

  private final LongSupplier now;
  private Owner owner;
  private Moments moments;

  Attributes(Owner owner, LongSupplier now) {
    this.owner = owner;
    this.now = now;
    long made = now.getAsLong();
    moments = new Moments(made, made, made);
  }

  Owner owner() {
    return owner;
  }

  /** {@code chown(2)}. */
  void setOwner(Owner newOwner) {
    owner = newOwner;
    wasChanged();
  }

  Moments moments() {
    return moments;
  }

  void wasRead() {
    long before = moments.accessed;
    boolean isOlder = before <= moments.modified || before <= moments.changed;
    long at = now.getAsLong();
    if (isOlder || at - before >= DAY) {
      moments = new Moments(at, moments.modified, moments.changed);
    }
  }

  void wasWritten() {
    long at = now.getAsLong();
    moments = new Moments(moments.accessed, at, at);
  }

  void wasChanged() {
    moments = new Moments(moments.accessed, moments.modified, now.getAsLong());
  }

  /** {@code utimensat(2)}. */
  void set(long accessed, long modified) {
    moments =
        new Moments(
            accessed == UNCHANGED ? moments.accessed : accessed,
            modified == UNCHANGED ? moments.modified : modified,
            now.getAsLong());
  }
}
