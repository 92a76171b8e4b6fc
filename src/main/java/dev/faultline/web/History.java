package dev.faultline.web;

import dev.faultline.lab.Laboratory;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.Schema;
import dev.faultline.recording.Player;
import dev.faultline.recording.Recording;
import org.jspecify.annotations.Nullable;

/** What has happened in a laboratory or a recording, to be looked at. */
interface History {
  /** Records one after the other. */
  @FunctionalInterface
  interface Records {
    /** The next record, which is good until the one after it; null when there is none. */
    @Nullable LogRecord next();

    static Records of(Cursor cursor) {
      return () -> cursor.next() ? cursor : null;
    }
  }

  Schema schema();

  /** The last moment. */
  long head();

  FoldedState stateAt(long moment);

  /** The records after a moment. */
  Records after(long moment);

  /** All of it as a recording. */
  Recording recording();

  static History of(Laboratory laboratory) {
    ChangeLog log = laboratory.log();
    return new History() {
      @Override
      public Schema schema() {
        return Schema.CURRENT;
      }

      @Override
      public long head() {
        return log.head();
      }

      @Override
      public FoldedState stateAt(long moment) {
        return laboratory.stateAt(moment);
      }

      @Override
      public Records after(long moment) {
        if (moment >= log.oldest()) {
          return Records.of(log.cursor(moment));
        }
        Recording recording = laboratory.recording();
        if (!recording.reaches(moment)) {
          throw laboratory.gone(moment);
        }
        Player player = recording.player(moment);
        return player::next;
      }

      @Override
      public Recording recording() {
        return laboratory.recording();
      }
    };
  }

  static History of(Recording recording) {
    return new History() {
      @Override
      public Schema schema() {
        return recording.header().schema();
      }

      @Override
      public long head() {
        return recording.lastMoment();
      }

      @Override
      public FoldedState stateAt(long moment) {
        return recording.stateAt(moment);
      }

      @Override
      public Records after(long moment) {
        Player player = recording.player(moment);
        return player::next;
      }

      @Override
      public Recording recording() {
        return recording;
      }
    };
  }
}
