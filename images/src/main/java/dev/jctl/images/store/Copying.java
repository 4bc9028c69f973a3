package dev.jctl.images.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies a stream and tells how far it is. */
final class Copying {
  private static final int BUFFER_BYTES = 1 << 17;

  private Copying() {}

  static void copy(InputStream in, OutputStream out, ProgressMeter meter) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      out.write(buffer, 0, n);
      meter.add(n);
    }
  }
}
