package dev.faultline.kernel.mm;

/** Gives out numbers for VMAs and for their sets of anonymous pages, the same ones in every run. */
public final class VmaNumbers {
  private int vmas;
  private long anonVmas;

  int next() {
    return ++vmas;
  }

  long nextAnonVma() {
    return ++anonVmas;
  }
}
