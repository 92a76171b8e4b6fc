package dev.faultline.kernel.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PidNumbersTest {
  private final Set<Integer> taken = new HashSet<>();
  private final PidNumbers numbers = new PidNumbers(taken::contains);

  private int takeUpTo(int last) {
    int taken = 0;
    while (taken != last) {
      taken = numbers.take();
    }
    return taken;
  }

  @Test
  void number_isTheOneAfterTheLast() {
    assertThat(numbers.take()).isEqualTo(1);
    assertThat(numbers.next()).isEqualTo(2);
    assertThat(numbers.take()).isEqualTo(2);
  }

  @Test
  void afterTheHighest_numbersBeginAgainAbove300() {
    takeUpTo(PidNumbers.LIMIT - 1);
    assertThat(numbers.take()).isEqualTo(300);
    assertThat(numbers.take()).isEqualTo(301);
    assertThat(numbers.made()).isEqualTo(PidNumbers.LIMIT + 1);
  }

  @Test
  void numbersInUse_arePassedOver() {
    takeUpTo(PidNumbers.LIMIT - 1);
    taken.add(300);
    taken.add(302);
    assertThat(numbers.take()).isEqualTo(301);
    assertThat(numbers.take()).isEqualTo(303);
  }

  @Test
  void allNumbersInUse_leaveNone() {
    takeUpTo(PidNumbers.LIMIT - 1);
    for (int number = PidNumbers.FIRST_AGAIN; number < PidNumbers.LIMIT; number++) {
      taken.add(number);
    }
    assertThat(numbers.next()).isEqualTo(-1);
  }
}
