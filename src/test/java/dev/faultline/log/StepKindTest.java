package dev.faultline.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepKindTest {
  private static final int LONGEST = 160;

  @ParameterizedTest
  @EnumSource
  void everyStep_tellsASentenceWithItsNumbers(StepKind kind) {
    var log = new ChangeLog(1 << 16);
    log.intern("/lib/libfoo.so");
    switch (kind.arguments().size()) {
      case 0 -> log.step(kind);
      case 1 -> log.step(kind, 1);
      case 2 -> log.step(kind, 1, 1);
      case 3 -> log.step(kind, 1, 1, 1);
      case 4 -> log.step(kind, 1, 1, 1, 1);
      case 5 -> log.step(kind, 1, 1, 1, 1, 1);
      default -> log.step(kind, 1, 1, 1, 1, 1, 1);
    }
    log.publish();
    Cursor cursor = log.cursor(1);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.text()).isNotBlank().doesNotContain("{", "}").hasSizeLessThan(LONGEST);
    assertThat(cursor.argumentCount()).isEqualTo(kind.arguments().size()).isLessThanOrEqualTo(6);
  }

  @Test
  void place_withWords_takesThoseOfItsNumber() {
    var log = new ChangeLog(1 << 16);
    log.step(StepKind.UNMAPS_FRAME, 5, 1);
    log.step(StepKind.UNMAPS_FRAME, 5, 2);
    log.publish();
    Cursor cursor = log.cursor(0);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.text()).isEqualTo("takes this mapping off frame 0x5: 1 reference is left");
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.text()).isEqualTo("takes this mapping off frame 0x5: 2 references are left");
  }

  @ParameterizedTest
  @EnumSource
  void numberWithAPluralAfterIt_hasTheSingularToo(OperationKind kind) {
    assertThat(kind.template()).doesNotContainPattern("\\} (bytes|pages|entries|rows)");
  }

  @ParameterizedTest
  @EnumSource
  @SuppressWarnings("unchecked")
  void everyFormatOfATemplate_isInTheSchema(StepKind kind) {
    var formats = (Map<String, Object>) Schema.CURRENT.describe().get("formats");
    Pattern.compile("\\{\\w+:(\\w+)}")
        .matcher(kind.template() + kind.headline())
        .results()
        .forEach(place -> assertThat(formats).containsKey(place.group(1)));
  }
}
