package dev.faultline.lab;

import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.mm.Rlimits;

/** What a command gives when it succeeds. */
public sealed interface Result {
  /** The number that stands for it in the log's outcome. */
  default long number() {
    return switch (this) {
      case Done done -> 0;
      case Pid(int pid) -> pid;
      case Inode(long inode) -> inode;
      case Descriptor(int fd) -> fd;
      case Address(long address) -> address;
      case Bytes(byte[] bytes) -> bytes.length;
      case Pages pages -> 0;
      case Limits limits -> 0;
      case Written(int length) -> length;
      case Unpacked(int entries) -> entries;
      case Instruction(int bits) -> bits & 0xffff_ffffL;
      case Stepped(RunEnd end, Standing standing) -> end.instructions();
      case Ran(RunEnd end) -> end.instructions();
    };
  }

  /** As a system call that returns 0. */
  record Done() implements Result {}

  record Pid(int pid) implements Result {}

  record Inode(long inode) implements Result {}

  record Descriptor(int fd) implements Result {}

  record Address(long address) implements Result {}

  record Bytes(byte[] bytes) implements Result {}

  /** A byte for each page, 1 for those in memory. */
  record Pages(byte[] resident) implements Result {}

  /** What a resource was limited to. */
  record Limits(Rlimits.Pair pair) implements Result {}

  record Written(int length) implements Result {}

  /** So much was put from an archive. */
  record Unpacked(int entries) implements Result {}

  /** The 32 bits at an address that was fetched. */
  record Instruction(int bits) implements Result {}

  /** Instructions were executed one by one. */
  record Stepped(RunEnd end, Standing standing) implements Result {}

  record Ran(RunEnd end) implements Result {}
}
