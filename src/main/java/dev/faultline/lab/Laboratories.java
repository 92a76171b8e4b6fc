package dev.faultline.lab;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The directory of live laboratories. */
public final class Laboratories {
  /** Letters and digits that are not mistaken for one another. */
  private static final String ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

  private static final int ID_LENGTH = 10;

  private final Limits limits;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Laboratory> labs = new ConcurrentHashMap<>();

  public Laboratories(Limits limits) {
    this.limits = limits;
  }

  public Limits limits() {
    return limits;
  }

  /**
   * Opens a laboratory.
   *
   * @throws LimitException when there are too many, or it wants too many frames
   */
  public synchronized Laboratory open(Settings settings) {
    if (labs.size() >= limits.labs()) {
      throw new LimitException(
          "labs", limits.labs(), "there are " + limits.labs() + " laboratories, which is the most");
    }
    int frames = settings.kernel().machine().frames();
    if (frames > limits.frames()) {
      throw new LimitException(
          "frames", limits.frames(), "a laboratory has at most " + limits.frames() + " frames");
    }
    if (settings.kernel().swapSlots() > limits.swap()) {
      throw new LimitException(
          "swap", limits.swap(), "a laboratory has at most " + limits.swap() + " swap slots");
    }
    var lab = new Laboratory(newId(), settings, limits);
    labs.put(lab.id(), lab);
    return lab;
  }

  private String newId() {
    var id = new StringBuilder();
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
    }
    return id.toString();
  }

  /**
   * @throws NoSuchLaboratoryException when there is none with this id
   */
  public Laboratory get(String id) {
    Laboratory lab = labs.get(id);
    if (lab == null) {
      throw new NoSuchLaboratoryException(id);
    }
    return lab;
  }

  /** All of them, the oldest first. */
  public Collection<Laboratory> all() {
    List<Laboratory> all = new ArrayList<>(labs.values());
    all.sort(Comparator.comparing(Laboratory::created).thenComparing(Laboratory::id));
    return all;
  }

  /** Ends a laboratory and forgets it. */
  public void end(String id) {
    Laboratory lab = labs.remove(id);
    if (lab == null) {
      throw new NoSuchLaboratoryException(id);
    }
    lab.end();
  }
}
