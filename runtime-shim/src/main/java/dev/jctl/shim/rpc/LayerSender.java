package dev.jctl.shim.rpc;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Optional;

/** Sends a layer's entries, each file's content after its head. */
final class LayerSender {
  private final FrameChannel.Batch batch;
  private final byte[] buffer = new byte[FrameChannel.CHUNK];

  LayerSender(FrameChannel connection) {
    this.batch = connection.batch();
  }

  /**
   * @return how the connection broke, if it did
   * @throws RuntimeFailure BAD_LAYER when an archive cannot be read, or ends within a file
   */
  Optional<IOException> send(Iterator<LayerEntry> entries) {
    while (entries.hasNext()) {
      LayerEntry entry = entries.next();
      try {
        byte[] head = EntryHead.of(entry).toBytes();
        batch.add(FrameType.ENTRY, head, head.length);
        if (entry instanceof LayerEntry.File file) {
          sendContent(file);
        }
      } catch (IOException e) {
        return Optional.of(e);
      }
    }
    try {
      batch.add(FrameType.END, new byte[0], 0);
      batch.flush();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private void sendContent(LayerEntry.File file) throws IOException {
    long remaining = file.size();
    while (remaining > 0) {
      int count = read(file, (int) Math.min(buffer.length, remaining));
      batch.add(FrameType.DATA, buffer, count);
      remaining -= count;
    }
  }

  private int read(LayerEntry.File file, int limit) {
    InputStream content = file.content();
    int count;
    try {
      count = content.readNBytes(buffer, 0, limit);
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.BAD_LAYER, file.path() + ": " + e.getMessage(), e);
    }
    if (count < limit) {
      throw new RuntimeFailure(Reason.BAD_LAYER, file.path() + ": content ends early");
    }
    return count;
  }
}
