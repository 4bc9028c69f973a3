package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.content.StorageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.LongConsumer;

/** Where bodies go. */
final class Transfers {
  private static final int BUFFER_BYTES = 1 << 17;

  private Transfers() {}

  /**
   * @param what for messages
   * @throws IOException of the body: to be tried again
   * @throws ImageException NO_SPACE, IO: what comes cannot be kept
   */
  static void copy(String what, InputStream body, OutputStream out, LongConsumer progress)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
      try {
        out.write(buffer, 0, n);
      } catch (IOException e) {
        throw StorageFailure.of(what, e);
      }
      progress.accept(n);
    }
  }
}
