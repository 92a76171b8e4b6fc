package dev.faultline.lab;

/** There is no laboratory with this id, or it has ended. */
public final class NoSuchLaboratoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoSuchLaboratoryException(String id) {
    super("there is no laboratory " + id);
  }

  /**
   * @param why one that was there before the server started cannot go on
   */
  NoSuchLaboratoryException(String id, String why) {
    super("laboratory " + id + " cannot go on: " + why);
  }
}
