package dev.faultline.kernel.process;

/**
 * What programs may use up of a laboratory; a call that wants more is refused as by a machine that
 * is full.
 *
 * @param processes processes alive at once
 * @param files files alive at once
 * @param fileBytes bytes of all files together
 * @param strings different paths and names, of which programs leave an eighth to commands
 * @param stringCharacters their characters together
 */
public record Quota(int processes, int files, long fileBytes, int strings, long stringCharacters) {
  /** How many strings there may be before programs bring no new ones. */
  public int stringsOfPrograms() {
    return strings - strings / 8;
  }

  public long charactersOfPrograms() {
    return stringCharacters - stringCharacters / 8;
  }
}
