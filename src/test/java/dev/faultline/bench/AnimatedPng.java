package dev.faultline.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Pictures of one size, one after the other for ever, as an animated PNG (PNG specification, third
 * edition, sections 11.3.6 and 12). All share one palette of at most 256 colours, the most frequent
 * ones, and each holds only the rectangle that differs from the one before it.
 */
final class AnimatedPng {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int COLOURS = 256;
  private static final int INDEXED = 3;
  private static final int MILLIS_A_SECOND = 1000;

  private record Frame(int[] pixels, int millis) {}

  private final int width;
  private final int height;
  private final List<Frame> frames = new ArrayList<>();
  private final Map<Integer, Integer> indexes = new HashMap<>();
  private int sequence;

  AnimatedPng(int width, int height) {
    this.width = width;
    this.height = height;
  }

  void add(BufferedImage picture, int millis) {
    int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] &= 0xffffff;
    }
    frames.add(new Frame(pixels, millis));
  }

  void write(OutputStream out) throws IOException {
    var data = new DataOutputStream(out);
    data.write(SIGNATURE);
    chunk(
        data,
        "IHDR",
        head -> {
          head.writeInt(width);
          head.writeInt(height);
          head.write(new byte[] {8, INDEXED, 0, 0, 0});
        });
    chunk(
        data,
        "acTL",
        control -> {
          control.writeInt(frames.size());
          control.writeInt(0);
        });
    List<Integer> palette = palette();
    chunk(
        data,
        "PLTE",
        colours -> {
          for (int colour : palette) {
            colours.writeByte(colour >> 16);
            colours.writeByte(colour >> 8);
            colours.writeByte(colour);
          }
        });
    int[] before = null;
    for (Frame frame : frames) {
      Rectangle changed =
          before == null ? new Rectangle(width, height) : changed(before, frame.pixels);
      chunk(data, "fcTL", control -> control(control, changed, frame.millis));
      byte[] picture = picture(frame.pixels, changed, palette);
      if (before == null) {
        chunk(data, "IDAT", chunk -> chunk.write(picture));
      } else {
        chunk(
            data,
            "fdAT",
            chunk -> {
              chunk.writeInt(sequence++);
              chunk.write(picture);
            });
      }
      before = frame.pixels;
    }
    chunk(data, "IEND", chunk -> {});
    data.flush();
  }

  private void control(DataOutputStream control, Rectangle changed, int millis) throws IOException {
    control.writeInt(sequence++);
    control.writeInt(changed.width);
    control.writeInt(changed.height);
    control.writeInt(changed.x);
    control.writeInt(changed.y);
    control.writeShort(millis);
    control.writeShort(MILLIS_A_SECOND);
    control.write(new byte[] {0, 0}); // it stays, and what comes next covers it
  }

  private List<Integer> palette() {
    Map<Integer, Integer> counts = new HashMap<>();
    for (Frame frame : frames) {
      for (int pixel : frame.pixels) {
        counts.merge(pixel, 1, Integer::sum);
      }
    }
    Comparator<Map.Entry<Integer, Integer>> byCount = Map.Entry.comparingByValue();
    return counts.entrySet().stream()
        .sorted(byCount.reversed().thenComparing(Map.Entry.comparingByKey()))
        .limit(COLOURS)
        .map(Map.Entry::getKey)
        .toList();
  }

  private Rectangle changed(int[] before, int[] after) {
    Rectangle changed = null;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (before[y * width + x] != after[y * width + x]) {
          var pixel = new Rectangle(x, y, 1, 1);
          changed = changed == null ? pixel : changed.union(pixel);
        }
      }
    }
    return changed == null ? new Rectangle(1, 1) : changed;
  }

  /** Rows of indexes, none of them filtered. */
  private byte[] picture(int[] pixels, Rectangle part, List<Integer> palette) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try (var out = new DeflaterOutputStream(bytes, deflater)) {
      for (int y = part.y; y < part.y + part.height; y++) {
        out.write(0);
        for (int x = part.x; x < part.x + part.width; x++) {
          out.write(
              indexes.computeIfAbsent(pixels[y * width + x], pixel -> nearest(pixel, palette)));
        }
      }
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private static int nearest(int pixel, List<Integer> palette) {
    int best = 0;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < palette.size(); i++) {
      int distance = 0;
      for (int shift = 0; shift <= 16; shift += 8) {
        int difference = (pixel >> shift & 0xff) - (palette.get(i) >> shift & 0xff);
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(DataOutputStream out) throws IOException;
  }

  private static void chunk(DataOutputStream out, String type, Content content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(type.getBytes(US_ASCII));
    content.writeTo(new DataOutputStream(bytes));
    out.writeInt(bytes.size() - type.length());
    bytes.writeTo(out);
    var checksum = new CRC32();
    checksum.update(bytes.toByteArray());
    out.writeInt((int) checksum.getValue());
  }
}
