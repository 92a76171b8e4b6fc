package dev.faultline.web;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One command as the page offers it.
 *
 * @param call the C call that it stands for: {@code {length}} is the member's value, {@code
 *     {prot:PROT_|PROT_NONE}} its words with a prefix, or what stands after the bar when there is
 *     none
 * @param rank its place among the tabs of the page, 0 for those that stand under "more"
 */
record CommandForm(String verb, String description, String call, int rank, List<Field> fields) {
  /** What a field is filled in with. */
  enum Kind {
    PROCESS,
    DESCRIPTOR,
    PATH,
    NUMBER,
    CHOICE,
    WORDS,
    LIST,
    VECTORS,
    FLAG,
    BYTES,
    TEXT
  }

  /**
   * One member of the command.
   *
   * @param offer what stands in it to begin with: a value, or what the page knows it by, such as
   *     {@code vma.start}
   * @param otherwise what the server takes when it is left empty
   */
  record Field(
      String name,
      Kind kind,
      boolean required,
      List<String> words,
      List<String> offer,
      @Nullable String otherwise,
      String description) {
    /** More words than these would not stand in one line. */
    private static final int FEW = 4;

    public boolean hasFewWords() {
      return words.size() <= FEW;
    }

    public @Nullable String offered() {
      return offer.isEmpty() ? null : offer.getFirst();
    }

    /** So many characters can be seen. */
    public int width() {
      return switch (kind) {
        case NUMBER ->
            name.toLowerCase(Locale.ROOT).endsWith("address") ? needed(13, 8) : needed(7, 4);
        case LIST, VECTORS -> 22;
        default -> 16;
      };
    }

    private int needed(int wide, int narrow) {
      return required ? wide : narrow;
    }
  }

  public boolean isTab() {
    return rank > 0;
  }
}
