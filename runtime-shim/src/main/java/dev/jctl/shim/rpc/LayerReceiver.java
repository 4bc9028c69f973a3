package dev.jctl.shim.rpc;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** What {@link LayerSender} sends. */
final class LayerReceiver implements ContainerChanges {
  private final FrameChannel connection;
  private @Nullable LayerEntry next;
  private @Nullable Content content;
  private boolean ended;

  LayerReceiver(FrameChannel connection) {
    this.connection = connection;
    connection.expectMany();
  }

  /**
   * @throws RuntimeFailure that the sender reports; UNAVAILABLE when it is gone amid the layer
   */
  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      try {
        advance();
      } catch (IOException e) {
        throw new UncheckedIOException("layer from the other side: " + e.getMessage(), e);
      }
    }
    return next != null;
  }

  private void advance() throws IOException {
    if (content != null) {
      content.skipRest();
    }
    FrameChannel.Frame frame = received();
    switch (frame.type()) {
      case END -> ended = true;
      case ENTRY -> {
        EntryHead head = EntryHead.parse(frame.payload());
        content = head.kind() == EntryHead.Kind.FILE ? new Content(head.size()) : null;
        next = head.toEntry(content == null ? InputStream.nullInputStream() : content);
      }
      default -> throw new IOException("unexpected frame " + frame.type());
    }
  }

  private FrameChannel.Frame received() throws IOException {
    FrameChannel.Frame frame;
    try {
      frame = connection.expect();
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.UNAVAILABLE, "the other side went away amid a layer: " + e.getMessage(), e);
    }
    if (frame.type() == FrameType.FAILURE) {
      FrameType.Failure failure = connection.parse(frame, FrameType.Failure.class);
      throw new RuntimeFailure(failure.reason(), failure.message());
    }
    return frame;
  }

  @Override
  public LayerEntry next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    LayerEntry entry = next;
    next = null;
    return entry;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException("close the connection of a layer", e);
    }
  }

  /** A file's content, in DATA frames. */
  private final class Content extends InputStream {
    private long remaining;
    private byte[] chunk = new byte[0];
    private int position;

    Content(long size) {
      this.remaining = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (remaining == 0 || length == 0) {
        return length == 0 ? 0 : -1;
      }
      if (position == chunk.length) {
        FrameChannel.Frame frame = received();
        if (frame.type() != FrameType.DATA || frame.payload().length > remaining) {
          throw new IOException("unexpected frame " + frame.type() + " in a file's content");
        }
        chunk = frame.payload();
        position = 0;
      }
      int count = Math.min(length, chunk.length - position);
      System.arraycopy(chunk, position, target, offset, count);
      position += count;
      remaining -= count;
      return count;
    }

    void skipRest() throws IOException {
      skipNBytes(remaining);
    }
  }
}
