package dev.faultline.kernel.process;

/**
 * What programs may use up of a laboratory; a call that wants more is refused as by a machine that
 * is full.
 *
 * @param processes processes alive at once
 * @param files files alive at once
 * @param fileBytes bytes of all files together
 * @param strings different paths and names
 */
public record Quota(int processes, int files, long fileBytes, int strings) {}
