package dev.jctl.shim.rpc;

import dev.jctl.shim.RuntimeFailure;
import java.io.IOException;

/** What a frame carries. Its character is its byte on the wire. */
enum FrameType {
  /** JSON {@link Call}. */
  CALL('c'),
  /** JSON result, or {@code null}. */
  RESULT('r'),
  /** JSON {@link Failure}. */
  FAILURE('f'),
  /** {@link EntryHead}, in its own form. */
  ENTRY('e'),
  /** Bytes of the last entry's file, in order. */
  DATA('d'),
  /** No more entries. */
  END('z'),
  STDIN('i'),
  STDIN_END('j'),
  /** JSON {@link Size}. */
  RESIZE('s'),
  STDOUT('o'),
  STDERR('p'),
  /** JSON number. Nothing follows. */
  EXIT('x'),
  /** JSON {@link dev.jctl.shim.RuntimeEvent}. */
  EVENT('v');

  private final byte code;

  FrameType(char code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static FrameType of(byte code) throws IOException {
    for (FrameType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IOException("not a frame: type " + code);
  }

  record Failure(RuntimeFailure.Reason reason, String message) {
    RuntimeFailure thrown() {
      return new RuntimeFailure(reason, message);
    }
  }

  record Size(int columns, int rows) {}
}
