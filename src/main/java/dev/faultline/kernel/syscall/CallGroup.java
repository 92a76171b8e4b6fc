package dev.faultline.kernel.syscall;

import java.util.List;

/** System calls that belong together. */
public interface CallGroup {
  /** All of them. */
  List<SystemCall> calls();
}
