package dev.faultline.web;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * How often one client may ask, and how often one laboratory may be acted upon. Who has been quiet
 * may hurry for a while. On a server that only this computer reaches nothing is bounded unless it
 * is asked for.
 */
@Component
final class Rates {
  private static final int CLIENT = 200;
  private static final int LAB = 100;

  /** A client that was quiet has so many seconds' worth at once. */
  private static final int BURST_SECONDS = 5;

  /** Those who asked last are remembered; others begin anew. */
  private static final int REMEMBERED = 10_000;

  private final Buckets clients;
  private final Buckets labs;

  /**
   * @param client requests a second of one address, 0 for any number, -1 for the default
   * @param lab requests a second that act in one laboratory, likewise
   */
  Rates(
      @Value("${faultline.rates.client:-1}") int client,
      @Value("${faultline.rates.lab:-1}") int lab,
      Access access) {
    clients =
        new Buckets(
            client >= 0 ? client : access.isOpen() ? 0 : CLIENT,
            Rule.TOO_FAST.member(),
            "this address");
    labs = new Buckets(lab >= 0 ? lab : access.isOpen() ? 0 : LAB, "lab", "this laboratory");
  }

  /**
   * @throws TooFastException when an address has asked too often
   */
  void takeOfClient(String address) {
    clients.take(address);
  }

  /**
   * @throws TooFastException when a laboratory has been acted upon too often
   */
  void takeOfLab(String id) {
    labs.take(id);
  }

  private static final class Buckets {
    private final int rate;
    private final String member;
    private final String what;
    private final Map<String, Bucket> buckets =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > REMEMBERED;
          }
        };

    Buckets(int rate, String member, String what) {
      this.rate = rate;
      this.member = member;
      this.what = what;
    }

    void take(String name) {
      if (rate == 0) {
        return;
      }
      ConsumptionProbe probe = bucket(name).tryConsumeAndReturnRemaining(1);
      if (!probe.isConsumed()) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(probe.getNanosToWaitForRefill()) + 1;
        throw new TooFastException(member, what + " may ask " + rate + " times a second", seconds);
      }
    }

    private synchronized Bucket bucket(String name) {
      return buckets.computeIfAbsent(
          name,
          unseen ->
              Bucket.builder()
                  .addLimit(limit ->
                      limit
                          .capacity((long) rate * BURST_SECONDS)
                          .refillGreedy(rate, Duration.ofSeconds(1)))
                  .build());
    }
  }
}
