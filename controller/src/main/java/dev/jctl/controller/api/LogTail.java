package dev.jctl.controller.api;

import dev.jctl.shim.log.CriLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** Finds where the last lines of a log begin, reading from its end. */
final class LogTail {
  private static final int BLOCK = 64 << 10;

  private LogTail() {}

  /** A place in one of the files. */
  record Place(int file, long offset) {}

  /** {@code files}: oldest first. {@code lines}: whole ones; the parts of a long line are one. */
  static Place of(List<Path> files, long lines) throws IOException {
    long left = lines;
    for (int i = files.size() - 1; i >= 0; i--) {
      Scan scan = new Scan(left);
      try (FileChannel channel = FileChannel.open(files.get(i))) {
        long offset = scan.backwards(channel);
        if (offset >= 0) {
          return new Place(i, offset);
        }
      }
      left = scan.left;
    }
    return new Place(0, 0);
  }

  /**
   * Counts ends of whole lines. The start of the tail is just behind the end of the whole line
   * before it.
   */
  private static final class Scan {
    private long left;

    Scan(long left) {
      this.left = left;
    }

    /** Offset of the first byte of the tail, or -1 when it begins before this file. */
    long backwards(FileChannel channel) throws IOException {
      long lineEnd = -1;
      for (long end = channel.size(); end > 0; end -= Math.min(end, BLOCK)) {
        int length = (int) Math.min(end, BLOCK);
        ByteBuffer block = ByteBuffer.allocate(length);
        long start = end - length;
        while (block.hasRemaining() && channel.read(block, start + block.position()) >= 0) {
          // a read may give less than was asked for
        }
        for (int i = block.position() - 1; i >= 0; i--) {
          if (block.get(i) == '\n') {
            if (lineEnd >= 0 && counts(channel, start + i + 1)) {
              return lineEnd + 1;
            }
            lineEnd = start + i;
          }
        }
      }
      return lineEnd >= 0 && counts(channel, 0) ? lineEnd + 1 : -1;
    }

    /** True when the line that starts there is the last whole one before the tail. */
    private boolean counts(FileChannel channel, long start) throws IOException {
      ByteBuffer head = ByteBuffer.allocate(64);
      channel.read(head, start);
      byte[] bytes = java.util.Arrays.copyOf(head.array(), head.position());
      boolean partial = CriLine.parse(bytes).map(CriLine::partial).orElse(false);
      if (partial) {
        return false;
      }
      if (left == 0) {
        return true;
      }
      left--;
      return false;
    }
  }
}
