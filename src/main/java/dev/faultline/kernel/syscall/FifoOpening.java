package dev.faultline.kernel.syscall;

import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.PipeEnd;
import dev.faultline.kernel.process.UnfinishedCall;

/** A thread waits to open a FIFO; meanwhile it counts at its end, for who comes to the other. */
final class FifoOpening implements UnfinishedCall {
  private final PipeEnd end;
  private final FileSystem files;

  FifoOpening(PipeEnd end, FileSystem files) {
    this.end = end;
    this.files = files;
    end.hold();
  }

  PipeEnd end() {
    return end;
  }

  @Override
  public void leave() {
    end.letGo(files);
  }
}
