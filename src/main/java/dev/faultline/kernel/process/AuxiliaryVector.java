package dev.faultline.kernel.process;

/**
 * What the kernel tells a program about itself ({@code getauxval(3)}), in Linux's order.
 *
 * @param who whom the program acts as
 * @param headers the address of the program headers
 * @param base where the interpreter was loaded, 0 without one
 */
record AuxiliaryVector(Credentials who, long headers, int headerCount, long base, long entry) {
  private static final int NULL = 0;
  private static final int PHDR = 3;
  private static final int PHENT = 4;
  private static final int PHNUM = 5;
  private static final int PAGESZ = 6;
  private static final int BASE = 7;
  private static final int FLAGS = 8;
  private static final int ENTRY = 9;
  private static final int UID = 11;
  private static final int EUID = 12;
  private static final int GID = 13;
  private static final int EGID = 14;
  private static final int HWCAP = 16;
  private static final int CLKTCK = 17;
  private static final int SECURE = 23;
  private static final int RANDOM = 25;
  private static final int EXECFN = 31;

  /** The extensions A, C, D, F, I and M, a bit for each letter. */
  private static final long EXTENSIONS = 0x112d;

  private static final int TICKS_PER_SECOND = 100;

  void write(UserStack stack, long random, long name) {
    stack.auxiliary(HWCAP, EXTENSIONS);
    stack.auxiliary(PAGESZ, 4096);
    stack.auxiliary(CLKTCK, TICKS_PER_SECOND);
    stack.auxiliary(PHDR, headers);
    stack.auxiliary(PHENT, ElfFile.PROGRAM_HEADER_SIZE);
    stack.auxiliary(PHNUM, headerCount);
    stack.auxiliary(BASE, base);
    stack.auxiliary(FLAGS, 0);
    stack.auxiliary(ENTRY, entry);
    stack.auxiliary(UID, who.users().real());
    stack.auxiliary(EUID, who.users().effective());
    stack.auxiliary(GID, who.groups().real());
    stack.auxiliary(EGID, who.groups().effective());
    stack.auxiliary(SECURE, who.isSecure() ? 1 : 0);
    stack.auxiliary(RANDOM, random);
    stack.auxiliary(EXECFN, name);
    stack.auxiliary(NULL, 0);
  }
}
