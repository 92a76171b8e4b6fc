package dev.faultline.kernel.mm;

import org.jspecify.annotations.Nullable;

/**
 * The gaps before VMAs, by the address at which each ends: finds the highest or lowest that is wide
 * enough in logarithmic time, as the maple tree of Linux does. It is a treap whose nodes know the
 * widest gap below them; priorities are mixed from the addresses, so that the same VMAs always make
 * the same tree.
 */
final class GapIndex {
  private static final class Node {
    final long end;
    final long priority;
    long width;
    long widest;
    @Nullable Node left;
    @Nullable Node right;

    Node(long end, long width) {
      this.end = end;
      this.priority = mix(end);
      this.width = width;
      this.widest = width;
    }

    private static long mix(long value) {
      long mixed = (value >>> 12) * 0x9e37_79b9_7f4a_7c15L;
      return (mixed ^ mixed >>> 32) * 0xd6e8_feb8_6659_fd93L;
    }

    void update() {
      widest = Math.max(width, Math.max(widest(left), widest(right)));
    }
  }

  private @Nullable Node root;

  private static long widest(@Nullable Node node) {
    return node == null ? Long.MIN_VALUE : node.widest;
  }

  /** The gap that ends here has this width from now on. */
  void put(long end, long width) {
    root = put(root, end, width);
  }

  private static Node put(@Nullable Node at, long end, long width) {
    if (at == null) {
      return new Node(end, width);
    }
    if (end == at.end) {
      at.width = width;
    } else if (end < at.end) {
      Node left = put(at.left, end, width);
      at.left = left;
      if (left.priority > at.priority) {
        at.left = left.right;
        left.right = at;
        at.update();
        left.update();
        return left;
      }
    } else {
      Node right = put(at.right, end, width);
      at.right = right;
      if (right.priority > at.priority) {
        at.right = right.left;
        right.left = at;
        at.update();
        right.update();
        return right;
      }
    }
    at.update();
    return at;
  }

  /** No VMA begins here any more. */
  void remove(long end) {
    root = remove(root, end);
  }

  private static @Nullable Node remove(@Nullable Node at, long end) {
    if (at == null) {
      return null;
    }
    if (end == at.end) {
      return join(at.left, at.right);
    }
    if (end < at.end) {
      at.left = remove(at.left, end);
    } else {
      at.right = remove(at.right, end);
    }
    at.update();
    return at;
  }

  private static @Nullable Node join(@Nullable Node lower, @Nullable Node upper) {
    if (lower == null) {
      return upper;
    }
    if (upper == null) {
      return lower;
    }
    if (lower.priority > upper.priority) {
      lower.right = join(lower.right, upper);
      lower.update();
      return lower;
    }
    upper.left = join(lower, upper.left);
    upper.update();
    return upper;
  }

  /** Where the highest gap ends that is so wide and ends at {@code most} or below; -1 for none. */
  long highest(long most, long width) {
    return highest(root, most, width);
  }

  private static long highest(@Nullable Node at, long most, long width) {
    if (at == null || at.widest < width) {
      return -1;
    }
    if (at.end <= most) {
      long above = highest(at.right, most, width);
      if (above >= 0) {
        return above;
      }
      if (at.width >= width) {
        return at.end;
      }
    }
    return highest(at.left, most, width);
  }

  /** Where the lowest gap ends that is so wide and ends at {@code least} or above; -1 for none. */
  long lowest(long least, long width) {
    return lowest(root, least, width);
  }

  private static long lowest(@Nullable Node at, long least, long width) {
    if (at == null || at.widest < width) {
      return -1;
    }
    if (at.end >= least) {
      long below = lowest(at.left, least, width);
      if (below >= 0) {
        return below;
      }
      if (at.width >= width) {
        return at.end;
      }
    }
    return lowest(at.right, least, width);
  }
}
